-- The portal's tables in the SQL of SQLite.

CREATE TABLE users (
    id text NOT NULL,
    phone_number varchar(25) NOT NULL,
    password_hash varchar(255),
    full_name varchar(100) NOT NULL,
    blok varchar(10),
    kamar varchar(20),
    previous_blok varchar(10),
    previous_kamar varchar(20),
    is_active boolean NOT NULL DEFAULT false,
    role varchar(11) NOT NULL DEFAULT 'USER',
    approval_status varchar(16) NOT NULL DEFAULT 'PENDING_APPROVAL',
    mikrotik_user_exists boolean NOT NULL DEFAULT false,
    mikrotik_server_name varchar(100),
    mikrotik_profile_name varchar(100),
    mikrotik_password varchar(255),
    total_quota_purchased_mb bigint NOT NULL DEFAULT 0,
    total_quota_used_mb numeric(15,2) NOT NULL DEFAULT 0.0,
    quota_expiry_date text,
    is_unlimited_user boolean NOT NULL DEFAULT false,
    device_brand varchar(100),
    device_model varchar(100),
    raw_user_agent text,
    created_at text NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at text NOT NULL DEFAULT CURRENT_TIMESTAMP,
    approved_at text,
    approved_by_id text,
    rejected_at text,
    rejected_by_id text,
    last_login_at text,
    last_low_quota_notif_at text,
    last_expiry_notif_at text,
    is_tamping boolean NOT NULL DEFAULT false,
    tamping_type varchar(50),
    last_quota_notification_level integer,
    last_expiry_notification_level integer,
    is_blocked boolean NOT NULL DEFAULT false,
    blocked_reason text,
    blocked_at text,
    blocked_by_id text,
    telegram_chat_id varchar(64),
    telegram_username varchar(64),
    telegram_linked_at text,
    manual_debt_mb bigint NOT NULL DEFAULT 0,
    manual_debt_updated_at text,
    auto_debt_offset_mb bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    UNIQUE (phone_number)
);

CREATE TABLE user_devices (
    id text NOT NULL,
    user_id text NOT NULL,
    mac_address varchar(32) NOT NULL,
    ip_address varchar(45),
    user_agent varchar(255),
    label varchar(100),
    is_authorized boolean NOT NULL DEFAULT true,
    first_seen_at text NOT NULL DEFAULT CURRENT_TIMESTAMP,
    last_seen_at text NOT NULL DEFAULT CURRENT_TIMESTAMP,
    authorized_at text,
    deauthorized_at text,
    last_bytes_total bigint,
    last_bytes_updated_at text,
    last_hotspot_host_id varchar(64),
    last_hotspot_uptime_seconds integer,
    PRIMARY KEY (id),
    UNIQUE (user_id, mac_address),
    FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

CREATE TABLE user_quota_debts (
    id text NOT NULL,
    user_id text NOT NULL,
    created_by_id text,
    last_paid_by_id text,
    debt_date date,
    amount_mb bigint NOT NULL,
    paid_mb bigint NOT NULL DEFAULT 0,
    is_paid boolean NOT NULL DEFAULT false,
    paid_at text,
    last_paid_source varchar(50),
    note text,
    created_at text NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at text NOT NULL DEFAULT CURRENT_TIMESTAMP,
    due_date date,
    price_rp bigint,
    PRIMARY KEY (id),
    FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

CREATE TABLE application_settings (
    setting_key varchar(100) NOT NULL,
    setting_value text,
    description text,
    is_encrypted boolean NOT NULL DEFAULT false,
    created_at text NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at text NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (setting_key)
);

CREATE TABLE packages (
    id text NOT NULL,
    name varchar(100) NOT NULL,
    price bigint NOT NULL,
    description text,
    is_active boolean NOT NULL DEFAULT true,
    data_quota_gb numeric(8,2) NOT NULL DEFAULT 0,
    duration_days integer NOT NULL DEFAULT 30,
    profile_id text NOT NULL,
    created_at text NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at text NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (id)
);

CREATE TABLE quota_mutation_ledger (
    id text NOT NULL,
    user_id text NOT NULL,
    actor_user_id text,
    source varchar(80) NOT NULL,
    idempotency_key varchar(128),
    before_state text,
    after_state text,
    event_details text,
    created_at text NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (id),
    FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

CREATE TABLE transactions (
    id text NOT NULL,
    user_id text,
    package_id text,
    midtrans_order_id varchar(100) NOT NULL,
    midtrans_transaction_id varchar(100),
    snap_token varchar(200),
    snap_redirect_url text,
    amount bigint NOT NULL,
    status varchar(9) NOT NULL DEFAULT 'PENDING',
    payment_method varchar(50),
    payment_time text,
    expiry_time text,
    va_number varchar(50),
    payment_code varchar(50),
    biller_code varchar(20),
    qr_code_url varchar(512),
    hotspot_password varchar(255),
    created_at text NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at text NOT NULL DEFAULT CURRENT_TIMESTAMP,
    midtrans_notification_payload text,
    PRIMARY KEY (id)
);

CREATE TABLE admin_action_logs (
    id text NOT NULL,
    admin_id text,
    target_user_id text,
    action_type varchar(40) NOT NULL,
    details text,
    created_at text NOT NULL DEFAULT CURRENT_TIMESTAMP,
    PRIMARY KEY (id)
);

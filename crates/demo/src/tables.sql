-- The tables of the hotspot portal that runbooks read, as PostgreSQL makes them (a part of each: no indexes, no checks).
-- The demo makes SQLite's of them, and the tests MariaDB's too.

CREATE TABLE users (
    id uuid NOT NULL,
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
    quota_expiry_date timestamptz,
    is_unlimited_user boolean NOT NULL DEFAULT false,
    device_brand varchar(100),
    device_model varchar(100),
    raw_user_agent text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    approved_at timestamptz,
    approved_by_id uuid,
    rejected_at timestamptz,
    rejected_by_id uuid,
    last_login_at timestamptz,
    last_low_quota_notif_at timestamptz,
    last_expiry_notif_at timestamptz,
    is_tamping boolean NOT NULL DEFAULT false,
    tamping_type varchar(50),
    last_quota_notification_level integer,
    last_expiry_notification_level integer,
    is_blocked boolean NOT NULL DEFAULT false,
    blocked_reason text,
    blocked_at timestamptz,
    blocked_by_id uuid,
    telegram_chat_id varchar(64),
    telegram_username varchar(64),
    telegram_linked_at timestamptz,
    manual_debt_mb bigint NOT NULL DEFAULT 0,
    manual_debt_updated_at timestamptz,
    auto_debt_offset_mb bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (id),
    UNIQUE (phone_number)
);

CREATE TABLE user_devices (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    mac_address varchar(32) NOT NULL,
    ip_address varchar(45),
    user_agent varchar(255),
    label varchar(100),
    is_authorized boolean NOT NULL DEFAULT true,
    first_seen_at timestamptz NOT NULL DEFAULT now(),
    last_seen_at timestamptz NOT NULL DEFAULT now(),
    authorized_at timestamptz,
    deauthorized_at timestamptz,
    last_bytes_total bigint,
    last_bytes_updated_at timestamptz,
    last_hotspot_host_id varchar(64),
    last_hotspot_uptime_seconds integer,
    PRIMARY KEY (id),
    UNIQUE (user_id, mac_address),
    FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

CREATE TABLE user_quota_debts (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    created_by_id uuid,
    last_paid_by_id uuid,
    debt_date date,
    amount_mb bigint NOT NULL,
    paid_mb bigint NOT NULL DEFAULT 0,
    is_paid boolean NOT NULL DEFAULT false,
    paid_at timestamptz,
    last_paid_source varchar(50),
    note text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
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
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (setting_key)
);

CREATE TABLE packages (
    id uuid NOT NULL,
    name varchar(100) NOT NULL,
    price bigint NOT NULL,
    description text,
    is_active boolean NOT NULL DEFAULT true,
    data_quota_gb numeric(8,2) NOT NULL DEFAULT 0,
    duration_days integer NOT NULL DEFAULT 30,
    profile_id uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id)
);

CREATE TABLE quota_mutation_ledger (
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    actor_user_id uuid,
    source varchar(80) NOT NULL,
    idempotency_key varchar(128),
    before_state json,
    after_state json,
    event_details json,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id),
    FOREIGN KEY (user_id) REFERENCES users(id) ON DELETE CASCADE
);

CREATE TABLE transactions (
    id uuid NOT NULL,
    user_id uuid,
    package_id uuid,
    midtrans_order_id varchar(100) NOT NULL,
    midtrans_transaction_id varchar(100),
    snap_token varchar(200),
    snap_redirect_url text,
    amount bigint NOT NULL,
    status varchar(9) NOT NULL DEFAULT 'PENDING',
    payment_method varchar(50),
    payment_time timestamptz,
    expiry_time timestamptz,
    va_number varchar(50),
    payment_code varchar(50),
    biller_code varchar(20),
    qr_code_url varchar(512),
    hotspot_password varchar(255),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    midtrans_notification_payload text,
    PRIMARY KEY (id)
);

CREATE TABLE admin_action_logs (
    id uuid NOT NULL,
    admin_id uuid,
    target_user_id uuid,
    action_type varchar(40) NOT NULL,
    details text,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (id)
);

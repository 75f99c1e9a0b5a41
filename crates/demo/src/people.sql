-- The people of the demo's boarding house.
-- Days are counted from now, so that a debt is overdue whenever the demo runs.

INSERT INTO users
    (id, phone_number, full_name, blok, kamar, role, approval_status, is_active, total_quota_purchased_mb, total_quota_used_mb, auto_debt_offset_mb, manual_debt_mb, is_unlimited_user, is_blocked, blocked_reason, quota_expiry_date)
VALUES
    ('80466460-5a17-4e0d-9c3a-000000000001', '+6281255501001', 'Siti Rahmawati', 'A', '3', 'USER', 'APPROVED', 1, 10240, 2100.50, 0, 0, 0, 0, NULL, strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '+21 days')),
    ('a57babb9-5a17-4e0d-9c3a-000000000002', '+6281255501002', 'Budi Santoso', 'A', '5', 'USER', 'APPROVED', 1, 5120, 1800.00, 0, 0, 0, 0, NULL, strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '+9 days')),
    ('cab0f212-5a17-4e0d-9c3a-000000000003', '+6281255501003', 'Dewi Lestari', 'B', '1', 'USER', 'APPROVED', 1, 5120, 300.00, 0, 0, 0, 1, 'Melanggar aturan: akun dipakai bersama', strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '+12 days')),
    ('efe5396b-5a17-4e0d-9c3a-000000000004', '+6281255501004', 'Agus Wijaya', 'B', '2', 'USER', 'APPROVED', 1, 5120, 5740.25, 0, 0, 0, 1, 'quota_debt_limit|debt_mb=620.25|limit_mb=500|source=sync_usage', strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '+4 days')),
    ('141a80c4-5a17-4e0d-9c3a-000000000005', '+6281255501005', 'Putu Ayu Wulandari', 'B', '7', 'USER', 'APPROVED', 1, 10240, 5760.00, 0, 0, 0, 1, 'quota_debt_limit|debt_mb=640.00|limit_mb=500|source=sync_usage', strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '+28 days')),
    ('394fc71d-5a17-4e0d-9c3a-000000000006', '+6281255501006', 'Eko Prasetyo', 'C', '4', 'USER', 'APPROVED', 1, 5120, 5720.00, 200, 0, 0, 0, NULL, strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '+6 days')),
    ('5e840e76-5a17-4e0d-9c3a-000000000007', '+6281255501007', 'Rina Marlina', 'C', '6', 'USER', 'APPROVED', 1, 5120, 4100.75, 0, 1024, 0, 1, 'tunggakan_overdue|debt_mb=1024|due=' || date('now', '-12 days') || '|days_overdue=12', strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '+3 days')),
    ('83b955cf-5a17-4e0d-9c3a-000000000008', '+6281255501008', 'Joko Susilo', 'C', '9', 'USER', 'APPROVED', 1, 5120, 650.00, 0, 0, 0, 0, NULL, strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '+15 days')),
    ('a8ee9c28-5a17-4e0d-9c3a-000000000009', '+6281255501009', 'Maya Anggraini', 'D', '2', 'USER', 'APPROVED', 1, 5120, 1200.00, 0, 0, 0, 0, NULL, strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '+18 days')),
    ('cd23e381-5a17-4e0d-9c3a-000000000010', '+6281255501010', 'I Made Suardana', 'D', '3', 'KOMANDAN', 'APPROVED', 1, 20480, 22000.00, 0, 0, 0, 0, NULL, strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '+60 days')),
    ('f2582ada-5a17-4e0d-9c3a-000000000011', '+6281255501011', 'Ahmad Fauzi', NULL, NULL, 'ADMIN', 'APPROVED', 1, 1024, 1124.00, 0, 0, 0, 0, NULL, strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '+90 days')),
    ('178d7133-5a17-4e0d-9c3a-000000000012', '+6281255501012', 'Nur Hidayah', 'D', '8', 'USER', 'APPROVED', 1, 2048, 1900.00, 0, 2048, 0, 1, 'tunggakan_overdue|debt_mb=2048|due=' || date('now', '-3 days') || '|days_overdue=3', strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '+2 days')),
    ('3cc2b88c-5a17-4e0d-9c3a-000000000013', '+6281255501013', 'Yohanes Lende', 'E', '1', 'USER', 'APPROVED', 1, 5120, 900.00, 0, 0, 0, 0, NULL, strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '-1 days')),
    ('61f7ffe5-5a17-4e0d-9c3a-000000000014', '+6281255501014', 'Sri Handayani', 'E', '4', 'USER', 'APPROVED', 0, 5120, 5000.00, 0, 0, 0, 0, NULL, strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '-70 days')),
    ('862c463e-5a17-4e0d-9c3a-000000000015', '+6281255501015', 'Ketut Alit', 'E', '5', 'USER', 'APPROVED', 1, 5120, 900.00, 0, 0, 0, 0, NULL, strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '+11 days')),
    ('ab618d97-5a17-4e0d-9c3a-000000000016', '+6281255501016', 'Fitriani Daeng', 'F', '2', 'USER', 'APPROVED', 1, 5120, 100.00, 0, 0, 0, 1, 'Permintaan wali kamar', strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '+20 days')),
    ('d096d4f0-5a17-4e0d-9c3a-000000000017', '+6281255501017', 'Bayu Pratama', 'F', '3', 'KOMANDO', 'APPROVED', 1, 5120, 700.00, 0, 0, 0, 0, NULL, strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '+13 days')),
    ('f5cb1b49-5a17-4e0d-9c3a-000000000018', '+6281255501018', 'Wayan Sukerta', 'F', '6', 'USER', 'APPROVED', 1, 0, 48000.00, 48000, 0, 1, 0, NULL, strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '+300 days')),
    ('1a0062a2-5a17-4e0d-9c3a-000000000019', '+6281255501019', 'Lina Kusuma', 'G', '1', 'USER', 'APPROVED', 1, 8192, 7168.00, 0, 0, 0, 0, NULL, strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '+5 days')),
    ('3f35a9fb-5a17-4e0d-9c3a-000000000020', '+6281255501020', 'Hendra Gunawan', 'G', '2', 'USER', 'APPROVED', 1, 2048, 2048.00, 0, 0, 0, 0, NULL, strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '+7 days')),
    ('9f1c7a60-5a17-4e0d-9c3a-000000000021', '+6281255501021', 'Gede Mahendra', 'G', '4', 'USER', 'APPROVED', 1, 5120, 5640.00, 0, 0, 0, 0, NULL, strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '+8 days')),
    ('c4b1d9e2-5a17-4e0d-9c3a-000000000022', '+6281255501022', 'Noël Wibisono', 'H', '1', 'USER', 'APPROVED', 0, 5120, 700.00, 0, 0, 0, 0, NULL, strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '+30 days'));

INSERT INTO user_devices
    (id, user_id, mac_address, ip_address, is_authorized, label)
VALUES
    ('80466460-5a17-4e0d-9c3a-000000000101', '80466460-5a17-4e0d-9c3a-000000000001', '0A:5E:1C:22:00:01', '10.20.0.11', 1, 'Ponsel'),
    ('a57babb9-5a17-4e0d-9c3a-000000000102', 'a57babb9-5a17-4e0d-9c3a-000000000002', '0A:5E:1C:3F:00:02', '10.20.0.12', 1, 'Ponsel'),
    ('cab0f212-5a17-4e0d-9c3a-000000000103', 'cab0f212-5a17-4e0d-9c3a-000000000003', '0A:5E:1C:5C:00:03', '10.20.0.13', 1, 'Ponsel'),
    ('efe5396b-5a17-4e0d-9c3a-000000000104', 'efe5396b-5a17-4e0d-9c3a-000000000004', '0A:5E:1C:79:00:04', '10.20.0.14', 1, 'Laptop'),
    ('141a80c4-5a17-4e0d-9c3a-000000000105', '141a80c4-5a17-4e0d-9c3a-000000000005', '0A:5E:1C:96:00:05', '10.20.0.15', 1, 'Ponsel'),
    ('394fc71d-5a17-4e0d-9c3a-000000000106', '394fc71d-5a17-4e0d-9c3a-000000000006', '0A:5E:1C:B3:00:06', '10.20.0.16', 1, 'Ponsel'),
    ('5e840e76-5a17-4e0d-9c3a-000000000107', '5e840e76-5a17-4e0d-9c3a-000000000007', '0A:5E:1C:D0:00:07', '10.20.0.17', 1, 'Laptop'),
    ('83b955cf-5a17-4e0d-9c3a-000000000108', '83b955cf-5a17-4e0d-9c3a-000000000008', '0A:5E:1C:ED:00:08', '10.20.0.18', 1, 'Ponsel'),
    ('a8ee9c28-5a17-4e0d-9c3a-000000000109', 'a8ee9c28-5a17-4e0d-9c3a-000000000009', '0A:5E:1C:0A:00:09', '10.20.0.19', 1, 'Ponsel'),
    ('cd23e381-5a17-4e0d-9c3a-000000000110', 'cd23e381-5a17-4e0d-9c3a-000000000010', '0A:5E:1C:27:00:0A', '10.20.0.20', 1, 'Laptop'),
    ('f2582ada-5a17-4e0d-9c3a-000000000111', 'f2582ada-5a17-4e0d-9c3a-000000000011', '0A:5E:1C:44:00:0B', '10.20.0.21', 1, 'Laptop'),
    ('178d7133-5a17-4e0d-9c3a-000000000112', '178d7133-5a17-4e0d-9c3a-000000000012', '0A:5E:1C:61:00:0C', '10.20.0.22', 1, 'Ponsel'),
    ('3cc2b88c-5a17-4e0d-9c3a-000000000113', '3cc2b88c-5a17-4e0d-9c3a-000000000013', '0A:5E:1C:7E:00:0D', '10.20.0.23', 1, 'Ponsel'),
    ('862c463e-5a17-4e0d-9c3a-000000000115', '862c463e-5a17-4e0d-9c3a-000000000015', '0A:5E:1C:B8:00:0F', '10.20.0.25', 1, 'Ponsel'),
    ('ab618d97-5a17-4e0d-9c3a-000000000116', 'ab618d97-5a17-4e0d-9c3a-000000000016', '0A:5E:1C:D5:00:10', '10.20.0.26', 1, 'Ponsel'),
    ('d096d4f0-5a17-4e0d-9c3a-000000000117', 'd096d4f0-5a17-4e0d-9c3a-000000000017', '0A:5E:1C:F2:00:11', '10.20.0.27', 1, 'Ponsel'),
    ('f5cb1b49-5a17-4e0d-9c3a-000000000118', 'f5cb1b49-5a17-4e0d-9c3a-000000000018', '0A:5E:1C:0F:00:12', '10.20.0.28', 1, 'Laptop'),
    ('1a0062a2-5a17-4e0d-9c3a-000000000119', '1a0062a2-5a17-4e0d-9c3a-000000000019', '0A:5E:1C:2C:00:13', '10.20.0.29', 1, 'Ponsel'),
    ('3f35a9fb-5a17-4e0d-9c3a-000000000120', '3f35a9fb-5a17-4e0d-9c3a-000000000020', '0A:5E:1C:49:00:14', '10.20.0.30', 1, 'Ponsel'),
    ('cab0f212-5a17-4e0d-9c3a-000000000203', 'cab0f212-5a17-4e0d-9c3a-000000000003', '0A:5E:1C:5C:01:03', '10.20.0.113', 1, 'Tablet'),
    ('83b955cf-5a17-4e0d-9c3a-000000000208', '83b955cf-5a17-4e0d-9c3a-000000000008', '0A:5E:1C:ED:01:08', '10.20.0.118', 0, 'Tablet'),
    ('a8ee9c28-5a17-4e0d-9c3a-000000000209', 'a8ee9c28-5a17-4e0d-9c3a-000000000009', '0A:5E:1C:0A:01:09', '10.20.0.119', 0, 'Smart TV'),
    ('ab618d97-5a17-4e0d-9c3a-000000000216', 'ab618d97-5a17-4e0d-9c3a-000000000016', '0A:5E:1C:D5:01:10', '10.20.0.126', 1, 'Laptop'),
    ('9f1c7a60-5a17-4e0d-9c3a-000000000121', '9f1c7a60-5a17-4e0d-9c3a-000000000021', '0A:5E:1C:66:00:15', '10.20.0.31', 1, 'Ponsel'),
    ('9f1c7a60-5a17-4e0d-9c3a-000000000221', '9f1c7a60-5a17-4e0d-9c3a-000000000021', 'D6:31:0F:66:01:15', NULL, 0, 'Ponsel'),
    ('9f1c7a60-5a17-4e0d-9c3a-000000000321', '9f1c7a60-5a17-4e0d-9c3a-000000000021', '72:9B:44:66:02:15', NULL, 0, 'Ponsel'),
    ('9f1c7a60-5a17-4e0d-9c3a-000000000421', '9f1c7a60-5a17-4e0d-9c3a-000000000021', '0A:5E:1C:3F:00:02', NULL, 0, 'Ponsel'),
    ('c4b1d9e2-5a17-4e0d-9c3a-000000000122', 'c4b1d9e2-5a17-4e0d-9c3a-000000000022', '0A:5E:1C:8B:00:16', '10.20.0.32', 1, 'Laptop');

INSERT INTO user_quota_debts
    (id, user_id, debt_date, amount_mb, paid_mb, is_paid, paid_at, due_date, price_rp, note)
VALUES
    ('d0000000-5a17-4e0d-9c3a-000000000001', '80466460-5a17-4e0d-9c3a-000000000001', date('now', '-20 days'), 1024, 1024, 1, strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '-2 hours'), date('now', '-5 days'), 10000, 'Lunas, tunai'),
    ('d0000000-5a17-4e0d-9c3a-000000000007', '5e840e76-5a17-4e0d-9c3a-000000000007', date('now', '-40 days'), 1024, 0, 0, NULL, date('now', '-12 days'), 10000, 'Paket darurat'),
    ('d0000000-5a17-4e0d-9c3a-000000000012', '178d7133-5a17-4e0d-9c3a-000000000012', date('now', '-30 days'), 2048, 0, 0, NULL, date('now', '-3 days'), 20000, 'Paket darurat');

INSERT INTO application_settings
    (setting_key, setting_value)
VALUES
    ('QUOTA_DEBT_LIMIT_MB', '500'),
    ('QUOTA_FUP_THRESHOLD_MB', '3072'),
    ('QUOTA_SYNC_INTERVAL_SECONDS', '300'),
    ('ENABLE_MIKROTIK_OPERATIONS', 'True'),
    ('ENABLE_OVERDUE_DEBT_BLOCK', 'True'),
    ('MIKROTIK_ADDRESS_LIST_ACTIVE', 'klient_aktif'),
    ('MIKROTIK_ADDRESS_LIST_FUP', 'klient_fup'),
    ('MIKROTIK_ADDRESS_LIST_HABIS', 'klient_habis'),
    ('MIKROTIK_ADDRESS_LIST_EXPIRED', 'klient_expired'),
    ('MIKROTIK_ADDRESS_LIST_INACTIVE', 'klient_inactive'),
    ('MIKROTIK_ADDRESS_LIST_BLOCKED', 'klient_blocked');

INSERT INTO packages
    (id, name, price, data_quota_gb, duration_days, profile_id)
VALUES
    ('c0000000-5a17-4e0d-9c3a-000000000001', 'Mingguan 5 GB', 25000, 5, 7, 'f0000000-5a17-4e0d-9c3a-000000000001'),
    ('c0000000-5a17-4e0d-9c3a-000000000002', 'Bulanan 10 GB', 50000, 10, 30, 'f0000000-5a17-4e0d-9c3a-000000000001'),
    ('c0000000-5a17-4e0d-9c3a-000000000003', 'Bulanan 20 GB', 90000, 20, 30, 'f0000000-5a17-4e0d-9c3a-000000000001');

INSERT INTO transactions
    (id, user_id, midtrans_order_id, amount, status, created_at, payment_time, expiry_time)
VALUES
    ('e0000000-5a17-4e0d-9c3a-000000000001', 'a8ee9c28-5a17-4e0d-9c3a-000000000009', 'KOS-1001', 50000, 'SUCCESS', strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '-26 hours'), strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '-25 hours'), NULL),
    ('e0000000-5a17-4e0d-9c3a-000000000002', '3f35a9fb-5a17-4e0d-9c3a-000000000020', 'KOS-1002', 25000, 'SUCCESS', strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '-50 minutes'), strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '-45 minutes'), NULL),
    ('e0000000-5a17-4e0d-9c3a-000000000003', '3cc2b88c-5a17-4e0d-9c3a-000000000013', 'KOS-1003', 50000, 'PENDING', strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '-10 minutes'), NULL, strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '+50 minutes')),
    ('e0000000-5a17-4e0d-9c3a-000000000004', '61f7ffe5-5a17-4e0d-9c3a-000000000014', 'KOS-1004', 25000, 'EXPIRED', strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '-3 days'), NULL, strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '-2 days')),
    ('e0000000-5a17-4e0d-9c3a-000000000005', '9f1c7a60-5a17-4e0d-9c3a-000000000021', 'KOS-1005', 25000, 'FAILED', strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '-1 hours'), NULL, NULL);

INSERT INTO quota_mutation_ledger
    (id, user_id, source, idempotency_key, event_details, created_at)
VALUES
    ('e1000000-5a17-4e0d-9c3a-000000000001', 'a8ee9c28-5a17-4e0d-9c3a-000000000009', 'quota.purchase_package', 'purchase:KOS-1001', '{"order_id": "KOS-1001"}', strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '-25 hours'));

UPDATE users SET blocked_at = strftime('%Y-%m-%d %H:%M:%S+00:00', 'now', '-8 days')
WHERE is_blocked AND full_name <> 'Fitriani Daeng';

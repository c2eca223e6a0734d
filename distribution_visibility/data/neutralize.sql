-- A copy of production must not take part in production: no sender gets in, no secret is in it,
-- and its numbers do not appear in the monitoring.
UPDATE visibility_source SET active = false;
UPDATE visibility_source_key SET secret_encrypted = NULL;
DELETE FROM ir_config_parameter WHERE key LIKE 'distribution_visibility.metrics_token%';
-- And it must tell nobody: no event goes out, and none can be signed.
UPDATE visibility_subscription SET state = 'off', off_reason = 'This is a neutralized copy of a database.';
UPDATE visibility_subscription_key SET secret_encrypted = NULL;

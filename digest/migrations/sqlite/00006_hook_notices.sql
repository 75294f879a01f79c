-- +goose Up
-- Hooks are told of more than changes: of languages that drift apart, and of
-- sources that cannot be read. When was last looked for such news; 0: not yet.
ALTER TABLE hook ADD COLUMN noticed BIGINT NOT NULL DEFAULT 0;

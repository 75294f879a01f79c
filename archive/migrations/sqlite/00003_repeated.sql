-- +goose Up
-- What is here is filled again from the WARC files when the archive is next
-- opened. Numbers stay the same.
DELETE FROM hash;
DELETE FROM leaf;
DELETE FROM version;
DELETE FROM capture;
DELETE FROM page;
DELETE FROM file;
DELETE FROM cursor WHERE reader = 'extract';

-- The captures with which the page's last request, and the last facts about it
-- (robots.txt, TLS), were kept, and the digests of these blocks: an unchanged
-- look that repeats them refers to them.
ALTER TABLE page ADD COLUMN request        BIGINT NOT NULL DEFAULT 0;
ALTER TABLE page ADD COLUMN request_digest TEXT NOT NULL DEFAULT '';
ALTER TABLE page ADD COLUMN notes          BIGINT NOT NULL DEFAULT 0;
ALTER TABLE page ADD COLUMN notes_digest   TEXT NOT NULL DEFAULT '';

-- The id of the closing record: the sixteen bytes of its UUID.
ALTER TABLE capture DROP COLUMN record;
ALTER TABLE capture ADD COLUMN record BLOB NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE page DROP COLUMN request;
ALTER TABLE page DROP COLUMN request_digest;
ALTER TABLE page DROP COLUMN notes;
ALTER TABLE page DROP COLUMN notes_digest;

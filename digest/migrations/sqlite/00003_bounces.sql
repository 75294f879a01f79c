-- +goose Up
-- An address at which mail does not arrive is suspended: it is sent nothing but
-- what it confirms, until the operator or its owner says that it works again.
ALTER TABLE person ADD COLUMN suspended BIGINT NOT NULL DEFAULT 0;  -- since when; 0: is not
ALTER TABLE person ADD COLUMN suspended_why TEXT NOT NULL DEFAULT ''; -- in the mail server's words
CREATE INDEX person_suspended ON person (suspended) WHERE suspended > 0;

-- The reports of mail servers that were read, so that one is heeded once.
CREATE TABLE bounce (
  hash   BLOB PRIMARY KEY,            -- SHA-256 of the report
  letter BIGINT NOT NULL REFERENCES letter (id),
  seen   BIGINT NOT NULL
);

-- How much a mail domain was sent of late.
CREATE INDEX letter_sent ON letter (sent) WHERE sent > 0;

-- +goose Up
-- Addresses other than of mail that are told of changes: webhooks, and chats.
-- They are the operator's; nothing in them is about a person.
CREATE TABLE hook (
  id      INTEGER PRIMARY KEY AUTOINCREMENT, -- never reused: the secret is made of it
  url     TEXT NOT NULL,              -- http(s), or a chat service's
  name    TEXT NOT NULL,
  lang    TEXT NOT NULL,              -- of summaries
  filter  TEXT NOT NULL,              -- JSON
  created BIGINT NOT NULL,
  upto    BIGINT NOT NULL,            -- how far the archive has been looked through
  stopped BIGINT NOT NULL DEFAULT 0,  -- when the receiver said that it is gone; 0: has not
  error   TEXT NOT NULL DEFAULT ''    -- of the last attempt; '' if it was taken
);

-- The ledger of what was told to them, and what waits. It is written before
-- anything is sent; what it tells goes away once it was taken.
CREATE TABLE delivery (
  id       INTEGER PRIMARY KEY AUTOINCREMENT,
  hook     BIGINT NOT NULL REFERENCES hook (id) ON DELETE CASCADE,
  change   TEXT NOT NULL,             -- "17..18"
  body     TEXT NOT NULL,
  state    TEXT NOT NULL,             -- queued, sent, failed
  error    TEXT NOT NULL DEFAULT '',
  attempts BIGINT NOT NULL DEFAULT 0,
  created  BIGINT NOT NULL,
  retry    BIGINT NOT NULL DEFAULT 0, -- not before this time
  sent     BIGINT NOT NULL DEFAULT 0,
  UNIQUE (hook, change)
);
CREATE INDEX delivery_open ON delivery (hook, id) WHERE state = 'queued';

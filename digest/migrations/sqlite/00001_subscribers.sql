-- +goose Up
-- Times are milliseconds since 1970, UTC, 0 for none; booleans are 0 and 1.
-- Addresses, searches and letters are here and nowhere else: whoever deletes
-- this file has deleted all personal data.

-- Facts about the store itself. "secret" is 32 random bytes, made when the
-- file is made; every token is derived from it.
CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value BLOB NOT NULL
);

-- One row a subscription. One that has ended keeps its number and the hash of
-- its stop token, so that a late click still gets a decent answer; address,
-- search and name are blanked.
CREATE TABLE subscription (
  id         INTEGER PRIMARY KEY AUTOINCREMENT, -- never reused
  email      TEXT NOT NULL,
  email_key  TEXT NOT NULL,           -- the address folded, for comparison
  filter     TEXT NOT NULL,           -- what is watched, in one canonical string, for comparison
  name       TEXT NOT NULL,
  query      TEXT NOT NULL,
  topics     TEXT NOT NULL,           -- JSON list
  sources    TEXT NOT NULL,           -- JSON list
  min_weight SMALLINT NOT NULL,
  cadence    TEXT NOT NULL,           -- now, daily, weekly, monthly
  lang       TEXT NOT NULL,
  zone       TEXT NOT NULL,           -- IANA name
  clock      TEXT NOT NULL,           -- "07:00", in zone
  created    BIGINT NOT NULL,
  confirmed  BIGINT NOT NULL,
  ended      BIGINT NOT NULL,
  due        BIGINT NOT NULL,         -- when the next digest is due
  composed   BIGINT NOT NULL,         -- versions up to here are in a letter or were not for this reader
  upto       BIGINT NOT NULL,         -- versions up to here have been told, or were not for this reader
  stop_hash  BLOB                     -- SHA-256 of the stop token
);
CREATE UNIQUE INDEX subscription_one ON subscription (email_key, filter) WHERE ended = 0;
CREATE UNIQUE INDEX subscription_stop ON subscription (stop_hash);
CREATE INDEX subscription_due ON subscription (due);

-- One row a request to confirm. The settings asked for wait here: nobody can
-- change a subscription without reading its owner's mail.
CREATE TABLE confirmation (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  subscription BIGINT NOT NULL REFERENCES subscription (id),
  hash         BLOB,                  -- SHA-256 of the token
  email_hash   BLOB NOT NULL,         -- keyed hash of the address, for the daily limit
  settings     TEXT NOT NULL,         -- JSON: name, cadence, lang, zone, at
  created      BIGINT NOT NULL,
  expires      BIGINT NOT NULL,
  used         BIGINT NOT NULL
);
CREATE UNIQUE INDEX confirmation_hash ON confirmation (hash);
CREATE INDEX confirmation_email ON confirmation (email_hash, created);

-- The outbox: one row a letter, written before anything is sent. Where a link
-- needs a token the text holds a mark, which is replaced as the letter leaves.
CREATE TABLE letter (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  kind         TEXT NOT NULL,         -- confirm, digest
  subscription BIGINT NOT NULL REFERENCES subscription (id),
  confirmation BIGINT NOT NULL,       -- 0 for a digest
  recipient    TEXT NOT NULL,
  lang         TEXT NOT NULL,
  subject      TEXT NOT NULL,
  text         TEXT NOT NULL,
  html         TEXT NOT NULL,
  state        TEXT NOT NULL,         -- queued, sending, sent, failed, uncertain, dropped
  error        TEXT NOT NULL,
  attempts     BIGINT NOT NULL,
  created      BIGINT NOT NULL,
  retry        BIGINT NOT NULL,       -- not before this time
  expires      BIGINT NOT NULL,       -- not after this time; 0: always
  sent         BIGINT NOT NULL,
  upto         BIGINT NOT NULL        -- what the subscription's upto becomes
);
CREATE INDEX letter_open ON letter (state, id);
CREATE INDEX letter_subscription ON letter (subscription, state);

-- The ledger: which change was told to whom, in which letter.
CREATE TABLE told (
  subscription BIGINT NOT NULL REFERENCES subscription (id),
  change       TEXT NOT NULL,         -- "17..18"
  letter       BIGINT NOT NULL REFERENCES letter (id),
  PRIMARY KEY (subscription, change)
);
CREATE INDEX told_letter ON told (letter);

-- +goose Up
-- Until now every subscription was told on its own. From here on a person – one
-- address – has any number of them, and one digest tells what is new for all of
-- those that are due. Old subscriptions of one address come to one person, with
-- the language and zone of the one confirmed last. Hashes of the persons' tokens
-- are filled in as the store opens: they need the secret.

-- One row an address that is told of anything, or was asked to confirm. One
-- that has left keeps its number and the hashes, so that a late click still gets
-- a decent answer; the rest is blanked.
CREATE TABLE person (
  id          INTEGER PRIMARY KEY AUTOINCREMENT, -- never reused
  email       TEXT NOT NULL,
  email_key   TEXT NOT NULL,          -- the address folded, for comparison
  lang        TEXT NOT NULL,
  zone        TEXT NOT NULL,          -- IANA name
  created     BIGINT NOT NULL,
  ended       BIGINT NOT NULL,
  leave_hash  BLOB,                   -- SHA-256 of the token that stops everything
  manage_hash BLOB                    -- SHA-256 of the token that shows everything
);
CREATE UNIQUE INDEX person_one ON person (email_key) WHERE ended = 0;
CREATE UNIQUE INDEX person_leave ON person (leave_hash);
CREATE UNIQUE INDEX person_manage ON person (manage_hash);

INSERT INTO person (email, email_key, lang, zone, created, ended)
  SELECT s.email, s.email_key, s.lang, s.zone, (SELECT min(o.created) FROM subscription o WHERE o.email_key = s.email_key AND o.ended = 0), 0
  FROM subscription s WHERE s.ended = 0 AND s.id = (SELECT o.id FROM subscription o WHERE o.email_key = s.email_key AND o.ended = 0
    ORDER BY o.confirmed DESC, o.id LIMIT 1)
  ORDER BY s.id;

-- What is watched has more sides, and there is more to set.
ALTER TABLE subscription ADD COLUMN person BIGINT REFERENCES person (id); -- null: ended before there were persons
ALTER TABLE subscription ADD COLUMN jurisdictions TEXT NOT NULL DEFAULT '[]'; -- JSON list
ALTER TABLE subscription ADD COLUMN documents TEXT NOT NULL DEFAULT '[]';     -- JSON list of addresses
ALTER TABLE subscription ADD COLUMN passage TEXT NOT NULL DEFAULT '';         -- a wording that is watched
ALTER TABLE subscription ADD COLUMN kinds TEXT NOT NULL DEFAULT '[]';         -- JSON list: new, change, drift, health; empty: the first two
ALTER TABLE subscription ADD COLUMN note TEXT NOT NULL DEFAULT '';            -- the reader's own
ALTER TABLE subscription ADD COLUMN workdays SMALLINT NOT NULL DEFAULT 0;     -- not on Saturday and Sunday
ALTER TABLE subscription ADD COLUMN density TEXT NOT NULL DEFAULT 'excerpts'; -- headlines, excerpts, full
ALTER TABLE subscription ADD COLUMN always SMALLINT NOT NULL DEFAULT 0;       -- a mail also when nothing changed
ALTER TABLE subscription ADD COLUMN last BIGINT NOT NULL DEFAULT 0;           -- when it was last dealt with
UPDATE subscription SET last = confirmed,
  person = (SELECT p.id FROM person p WHERE p.email_key = subscription.email_key AND subscription.ended = 0);

-- A letter is to a person. "subscription" is what a confirmation is about, or
-- what a digest of old was; null otherwise.
CREATE TABLE letter_new (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  kind         TEXT NOT NULL,         -- confirm, digest, manage
  person       BIGINT REFERENCES person (id),
  subscription BIGINT REFERENCES subscription (id),
  confirmation BIGINT NOT NULL,       -- 0 for none
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
  mentioned    BIGINT NOT NULL        -- of an uncertain one: the letter that says that it may be missing; 0: none yet
);
INSERT INTO letter_new SELECT l.id, l.kind, s.person, l.subscription, l.confirmation, l.recipient, l.lang, l.subject, l.text, l.html,
  l.state, l.error, l.attempts, l.created, l.retry, l.expires, l.sent, 0 FROM letter l JOIN subscription s ON s.id = l.subscription;

-- The ledger: which change was told to whom, in which letter. A change is
-- "17..18", and covers every step of the page between the two; or another piece
-- of news by its own name, with version 0.
CREATE TABLE ledger (
  person  BIGINT NOT NULL REFERENCES person (id),
  change  TEXT NOT NULL,
  version BIGINT NOT NULL,            -- the later one
  letter  BIGINT NOT NULL,
  PRIMARY KEY (person, change)
);
INSERT OR IGNORE INTO ledger SELECT s.person, t.change, CAST(substr(t.change, instr(t.change, '..') + 2) AS INTEGER), t.letter
  FROM told t JOIN subscription s ON s.id = t.subscription WHERE s.person IS NOT NULL ORDER BY t.letter;
DROP TABLE told;
DROP TABLE letter;
ALTER TABLE letter_new RENAME TO letter;
ALTER TABLE ledger RENAME TO told;
CREATE INDEX letter_open ON letter (state, id);
CREATE INDEX letter_person ON letter (person, state);
CREATE INDEX told_letter ON told (letter);
CREATE INDEX told_version ON told (version);

DROP INDEX subscription_one;
CREATE UNIQUE INDEX subscription_one ON subscription (person, filter) WHERE ended = 0;
CREATE INDEX subscription_person ON subscription (person);
ALTER TABLE subscription DROP COLUMN email;
ALTER TABLE subscription DROP COLUMN email_key;
ALTER TABLE subscription DROP COLUMN lang;
ALTER TABLE subscription DROP COLUMN zone;
-- How far a reader has been told is what the ledger says; "composed" is how far
-- the archive has been looked through for this subscription.
ALTER TABLE subscription DROP COLUMN upto;
ALTER TABLE subscription RENAME COLUMN composed TO upto;

-- Requests are counted by address, by its domain and by who asks; of the
-- latter two, too, only keyed hashes are kept.
ALTER TABLE confirmation ADD COLUMN domain_hash BLOB;
ALTER TABLE confirmation ADD COLUMN asker_hash BLOB;
CREATE INDEX confirmation_domain ON confirmation (domain_hash, created);
CREATE INDEX confirmation_asker ON confirmation (asker_hash, created);

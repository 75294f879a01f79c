-- +goose Up
-- The catalogue of before is dropped: what follows is filled again from the
-- WARC files when the archive is next opened. Numbers stay the same. A key of
-- type INTEGER (not BIGINT) is SQLite's own row number, and needs no index.
DROP TABLE hash;
DROP TABLE leaf;
DROP TABLE version;
DROP TABLE capture;
DROP TABLE page;
DROP TABLE file;
DELETE FROM cursor WHERE reader = 'extract';

-- One row a page (or robots.txt, or listing) ever captured. First, last and
-- latest are in the order of time, not of arrival.
CREATE TABLE page (
  id            INTEGER PRIMARY KEY,
  url           TEXT NOT NULL UNIQUE,
  source        TEXT NOT NULL,
  lang          TEXT NOT NULL,
  document      TEXT NOT NULL,
  purpose       TEXT NOT NULL,
  news          SMALLINT NOT NULL,
  title         TEXT NOT NULL DEFAULT '',
  first_seq     BIGINT NOT NULL,
  last_seq      BIGINT NOT NULL,
  content_seq   BIGINT NOT NULL DEFAULT 0, -- latest capture answered 200 or 304
  response_seq  BIGINT NOT NULL DEFAULT 0, -- the capture that holds that answer's payload
  etag          TEXT NOT NULL DEFAULT '',
  last_modified TEXT NOT NULL DEFAULT '',
  fails         BIGINT NOT NULL DEFAULT 0,
  fails_before  BIGINT NOT NULL DEFAULT 0, -- fails before the latest capture
  latest        BIGINT NOT NULL DEFAULT 0, -- latest version
  versions      BIGINT NOT NULL DEFAULT 0,
  woven         BIGINT NOT NULL DEFAULT 0, -- the capture whose reading last changed the page's past, 0 if none has
  -- The captures with which the page's last request, and the last facts about it
  -- (robots.txt, TLS), were kept, and the digests of these blocks: an unchanged
  -- look that repeats them refers to them.
  request        BIGINT NOT NULL DEFAULT 0,
  request_digest TEXT NOT NULL DEFAULT '',
  notes          BIGINT NOT NULL DEFAULT 0,
  notes_digest   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX page_source ON page (source);
CREATE INDEX page_woven ON page (woven) WHERE woven <> 0;

-- One row a capture. file, pos and length find the record that closes it; the
-- whole group of its records ends there too and is span bytes long.
CREATE TABLE capture (
  seq         INTEGER PRIMARY KEY,
  page        BIGINT NOT NULL REFERENCES page (id),
  time        BIGINT NOT NULL,
  status      BIGINT NOT NULL,
  err         TEXT NOT NULL,
  refers      BIGINT NOT NULL,
  same        BIGINT NOT NULL,             -- the capture whose good answer this one, and all good ones between, repeated when it came; else 0
  late        SMALLINT NOT NULL,           -- it came when the archive had a later capture of the page
  origin      TEXT NOT NULL,
  class       TEXT NOT NULL,
  reason      TEXT NOT NULL,
  version     BIGINT NOT NULL DEFAULT 0,   -- the version whose text it shows
  retry_after BIGINT NOT NULL,
  payload     TEXT NOT NULL,               -- its digest; '' where the capture refers to another's
  file        BIGINT NOT NULL REFERENCES file (id),
  pos         BIGINT NOT NULL,
  length      BIGINT NOT NULL,
  span        BIGINT NOT NULL,
  leaf        BIGINT NOT NULL,             -- its number in the tamper-evident log
  record      BLOB NOT NULL                -- the closing record's id: the sixteen bytes of its UUID
);
CREATE INDEX capture_page ON capture (page, time, seq);
CREATE INDEX capture_same ON capture (same) WHERE same <> 0;
CREATE INDEX capture_payload ON capture (payload, page) WHERE payload <> '';

-- One row a version. blocks lists the version's blocks as runs of earlier
-- versions' texts; texts holds the blocks that are new in it (see blocks.go).
CREATE TABLE version (
  id           INTEGER PRIMARY KEY,
  page         BIGINT NOT NULL REFERENCES page (id),
  capture      BIGINT NOT NULL REFERENCES capture (seq),
  number       BIGINT NOT NULL,
  prev         BIGINT NOT NULL,
  cause        TEXT NOT NULL,
  late         SMALLINT NOT NULL,          -- it came as history, not as news
  gone         SMALLINT NOT NULL,
  title        TEXT NOT NULL,
  lang         TEXT NOT NULL,
  published_on TEXT NOT NULL,
  updated_on   TEXT NOT NULL,
  strategy     TEXT NOT NULL,
  digest       TEXT NOT NULL,
  time         BIGINT NOT NULL,
  seen_after   BIGINT NOT NULL,            -- 0: never looked before
  until_after  BIGINT NOT NULL DEFAULT 0,
  until_by     BIGINT NOT NULL DEFAULT 0,  -- 0: still stands
  blocks       BLOB NOT NULL,
  texts        BLOB NOT NULL,
  file         BIGINT NOT NULL REFERENCES file (id),
  pos          BIGINT NOT NULL,
  length       BIGINT NOT NULL,
  leaf         BIGINT NOT NULL
);
CREATE INDEX version_page ON version (page, time, id);
CREATE INDEX version_time ON version (time, id);

-- The WARC files, and how far into each the catalogue has read.
CREATE TABLE file (
  id   INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  size BIGINT NOT NULL
);

-- The tamper-evident log: which entry is whose, and the hashes of its tree at
-- their stored indexes (golang.org/x/mod/sumdb/tlog).
CREATE TABLE leaf (
  id   INTEGER PRIMARY KEY,
  kind SMALLINT NOT NULL,                  -- 1 capture, 2 version, 0 lost
  seq  BIGINT NOT NULL
);
CREATE TABLE hash (
  id   INTEGER PRIMARY KEY,
  hash BLOB NOT NULL
);

-- +goose Down
DROP TABLE hash;
DROP TABLE leaf;
DROP TABLE version;
DROP TABLE capture;
DROP TABLE page;
DROP TABLE file;

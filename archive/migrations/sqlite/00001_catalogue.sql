-- +goose Up
-- Times are milliseconds since 1970, UTC; booleans are 0 and 1. Everything
-- here can be made again from the WARC files.

-- One row a page (or robots.txt, or listing) ever captured.
CREATE TABLE page (
  id            BIGINT PRIMARY KEY,
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
  payload       TEXT NOT NULL DEFAULT '',  -- its payload digest
  etag          TEXT NOT NULL DEFAULT '',
  last_modified TEXT NOT NULL DEFAULT '',
  fails         BIGINT NOT NULL DEFAULT 0,
  fails_before  BIGINT NOT NULL DEFAULT 0, -- fails before the latest capture
  latest        BIGINT NOT NULL DEFAULT 0, -- latest version
  versions      BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX page_source ON page (source);

-- One row a capture. file, offset and length find the record that closes it.
CREATE TABLE capture (
  seq         BIGINT PRIMARY KEY,
  page        BIGINT NOT NULL REFERENCES page (id),
  time        BIGINT NOT NULL,
  status      BIGINT NOT NULL,
  err         TEXT NOT NULL,
  refers      BIGINT NOT NULL,
  class       TEXT NOT NULL,
  reason      TEXT NOT NULL,
  retry_after BIGINT NOT NULL,
  file        BIGINT NOT NULL REFERENCES file (id),
  pos         BIGINT NOT NULL,
  length      BIGINT NOT NULL,
  record      TEXT NOT NULL
);
CREATE INDEX capture_page ON capture (page, seq);
CREATE INDEX capture_refers ON capture (refers) WHERE refers <> 0;

-- One row a version. blocks lists the version's blocks as runs of earlier
-- versions' texts; texts holds the blocks that are new in it (see blocks.go).
CREATE TABLE version (
  id           BIGINT PRIMARY KEY,
  page         BIGINT NOT NULL REFERENCES page (id),
  capture      BIGINT NOT NULL REFERENCES capture (seq),
  number       BIGINT NOT NULL,
  prev         BIGINT NOT NULL,
  cause        TEXT NOT NULL,
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
  texts        BLOB NOT NULL
);
CREATE INDEX version_page ON version (page, id);

-- The WARC files, and how far into each the catalogue has read.
CREATE TABLE file (
  id   BIGINT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  size BIGINT NOT NULL
);

-- How far each reader of the archive has come.
CREATE TABLE cursor (
  reader TEXT PRIMARY KEY,
  seq    BIGINT NOT NULL
);

-- +goose Down
DROP TABLE cursor;
DROP TABLE version;
DROP TABLE capture;
DROP TABLE page;
DROP TABLE file;

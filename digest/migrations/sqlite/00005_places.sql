-- +goose Up
-- Where the subscriptions stood that a digest was written for. While it waits it
-- can be taken back: they return to that place, and it is written anew.
CREATE TABLE place (
  letter       BIGINT NOT NULL REFERENCES letter (id),
  subscription BIGINT NOT NULL REFERENCES subscription (id),
  upto         BIGINT NOT NULL,
  last         BIGINT NOT NULL,
  PRIMARY KEY (letter, subscription)
);

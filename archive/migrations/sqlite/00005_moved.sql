-- +goose Up
-- What the page's metadata says of its force, and where its publisher moved it.
ALTER TABLE version ADD COLUMN in_force_on TEXT NOT NULL DEFAULT '';
ALTER TABLE version ADD COLUMN moved_to TEXT NOT NULL DEFAULT '';
ALTER TABLE version ADD COLUMN moved_from TEXT NOT NULL DEFAULT '';

-- +goose Down
ALTER TABLE version DROP COLUMN moved_from;
ALTER TABLE version DROP COLUMN moved_to;
ALTER TABLE version DROP COLUMN in_force_on;

-- +goose Up
-- The late captures of a page are asked for whenever one is added to it.
CREATE INDEX capture_late ON capture (page, seq) WHERE late <> 0;

-- +goose Down
DROP INDEX capture_late;

-- Who began an upload, so that what one client leaves unfinished can be counted; '' where nobody knows.
ALTER TABLE datasets ADD COLUMN client TEXT NOT NULL DEFAULT '';

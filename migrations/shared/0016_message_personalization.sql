-- What a person put into a message by hand, sealed. Messages from before have none.
ALTER TABLE messages ADD COLUMN personalization TEXT;

"""Tells people and programs what happened: by e-mail, in a channel, by webhook."""

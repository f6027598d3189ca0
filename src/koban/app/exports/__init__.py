"""What the ledger holds, in the formats that other programs read; in pieces, as it is read."""

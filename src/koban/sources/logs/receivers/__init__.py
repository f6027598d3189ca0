"""Ways by which logs come to Koban of themselves: syslog, HTTP, directories that grow, queues of new objects."""

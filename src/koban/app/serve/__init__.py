"""What runs behind the API: its settings, the scheduler, scans in processes of their own."""

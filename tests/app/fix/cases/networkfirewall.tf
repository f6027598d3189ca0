resource "aws_networkfirewall_firewall" "networkfirewall_deletion_protection_off" {
  # nothing is said
}

resource "aws_networkfirewall_firewall" "networkfirewall_subnet_protection_off" {
  # nothing is said
}

resource "aws_route53_resolver_firewall_rule_group_association" "route53resolver_dns_firewall_unprotected" {
  # nothing is said
}

"""Fixes for Amazon EKS."""

from __future__ import annotations

from koban.model.fix import fixes, put

LOGS = [{"Type": name} for name in ("api", "audit", "authenticator", "controllerManager", "scheduler")]
PAID = "its logs are paid for by size"

fixes("eks-cluster-audit-log-off", put("Logging.ClusterLogging.EnabledTypes", LOGS), note=PAID)
fixes("eks-cluster-logs-incomplete", put("Logging.ClusterLogging.EnabledTypes", LOGS), note=PAID)
fixes("eks-cluster-deletion-unprotected", put("DeletionProtection", True))
fixes("eks-cluster-access-by-config-map", put("AccessConfig.AuthenticationMode", "API_AND_CONFIG_MAP"))
fixes("eks-cluster-endpoint-not-private", put("ResourcesVpcConfig.EndpointPrivateAccess", True))

"""What a module's resources come to, of whatever provider."""

from koban.model.unknown import Unknown, because
from koban.sources.terraform.configuration import Configuration, File, declare, read_bytes
from koban.sources.terraform.module import Module, Tree

CLOUDS = """
locals { where = "westeurope" }
variable "name" {}
resource "azurerm_storage_account" "a" {
  name     = "data${lower("X")}"
  location = local.where
  network_rules {
    default_action = local.where == "westeurope" ? "Deny" : "Allow"
    ip_rules       = [for i in [1, 2] : "10.0.${i}.0/24"]
  }
}
resource "azapi_resource" "b" {
  type = "Microsoft.Web/sites@2023-12-01"
  body = { properties = { httpsOnly = azurerm_storage_account.a.name != "" } }
}
resource "google_storage_bucket" "c" {
  for_each = toset(["eu", "us"])
  name     = "${var.name}-${each.key}"
  versioning { enabled = each.key == "eu" }
}
"""


def bodies(text: str) -> dict:
    configuration = Configuration("/nowhere", ".")
    file = read_bytes(text.encode(), "main.tf", "main.tf")
    assert isinstance(file, File)
    declare(configuration, file)
    module = Module(Tree("/nowhere", "/nowhere", {}, lambda *_: ""), configuration)
    return {one.address: one.body() for one in module.instances(lambda _: True)}


def test_resources_of_azure_and_google_cloud_are_worked_out_the_same_way():
    found = bodies(CLOUDS)
    assert list(found) == [
        "azurerm_storage_account.a",
        "azapi_resource.b",
        'google_storage_bucket.c["eu"]',
        'google_storage_bucket.c["us"]',
    ]
    account = found["azurerm_storage_account.a"]
    assert (account["name"], account["location"]) == ("datax", "westeurope")
    assert account["network_rules"] == [{"default_action": "Deny", "ip_rules": ["10.0.1.0/24", "10.0.2.0/24"]}]
    assert found["azapi_resource.b"]["body"] == {"properties": {"httpsOnly": True}}
    bucket = found['google_storage_bucket.c["us"]']
    assert bucket["versioning"] == [{"enabled": False}]
    assert isinstance(bucket["name"], Unknown)
    assert because(bucket["name"]) == "var.name: variable name has no default"

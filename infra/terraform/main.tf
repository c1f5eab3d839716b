# The installation for users of Terraform: the compiled template as one deployment at subscription scope.
# See docs/deployment.md. It must not define a resource of its own: infra/main.bicep is the one definition.

terraform {
  required_version = ">= 1.5"
  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.0"
    }
  }
}

provider "azurerm" {
  subscription_id = var.subscription_id
  features {}
}

variable "subscription_id" {
  type        = string
  description = "Subscription of the installation. Accounts may be in others."
}

variable "environment_name" {
  type        = string
  description = "Name of the installation; resources are named after it."
}

variable "location" {
  type        = string
  description = "Region of everything that has one."
}

variable "receive_events" {
  type        = bool
  default     = false
  description = "Wires the events. The app has to be deployed first."
}

variable "parameters" {
  type        = any
  default     = {}
  description = "Other parameters of infra/main.bicep, by name. No secret: the state keeps them."
}

variable "tags" {
  type        = map(string)
  default     = {}
  description = "Tags of everything that is made, and of the deployment."
}

locals {
  parameters = merge(
    var.parameters,
    {
      environmentName = var.environment_name
      location        = var.location
      receiveEvents   = var.receive_events
    },
    length(var.tags) == 0 ? {} : { resourceTags = join(",", [for name, value in var.tags : "${name}=${value}"]) },
  )
}

resource "azurerm_subscription_template_deployment" "installation" {
  # Azure keeps the name of such a deployment for ever, with its region.
  name = "key-rotation-${var.environment_name}-${var.location}"

  location           = var.location
  template_content   = file("${path.module}/main.json")
  parameters_content = jsonencode({ for name, value in local.parameters : name => { value = value } })
  tags               = var.tags
}

# Azure Resource Manager changes the case of names of outputs.
output "installation" {
  value = { for name, output in jsondecode(azurerm_subscription_template_deployment.installation.output_content) : upper(name) => output.value }
}

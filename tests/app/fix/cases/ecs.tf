resource "aws_ecs_cluster" "ecs_cluster_insights_off" {
  # nothing is said
}

resource "aws_ecs_service" "ecs_service_exec_enabled" {
  enable_execute_command = true
}

resource "aws_ecs_service" "ecs_service_platform_outdated" {
  launch_type      = "FARGATE"
  platform_version = "1.3.0"
}

resource "aws_ecs_task_definition" "ecs_task_file_system_in_clear" {
  volume {
    efs_volume_configuration {
      file_system_id = "fs-1"
    }
  }
}

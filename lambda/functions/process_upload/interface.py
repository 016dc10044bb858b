"""The event that says of a job that it is finished, which back ends have rules on, and the one that the function waits for itself."""

SOURCE, DETAIL_TYPE = "inferstack", "Inferstack Job Finished"
TRANSFORM_STATE_CHANGE = "SageMaker Transform Job State Change"  # the type of SageMaker's event

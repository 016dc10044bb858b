"""The event that says of a job that it is finished: back ends have rules on it, and the function may put no other."""

SOURCE, DETAIL_TYPE = "inferstack", "Inferstack Job Finished"

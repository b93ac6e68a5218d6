// Every test runs a process that computes on all cores: two at a time would only wait for each other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

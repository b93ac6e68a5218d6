// llama.cpp is found and loaded once, by whoever calls it first, which is no work for two threads.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

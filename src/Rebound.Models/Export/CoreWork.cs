using Rebound.Checkpoints.Gguf;
using Rebound.Engine.Cpu;

namespace Rebound.Models.Export;

/// <summary>Work in parts on all cores, for <see cref="ParallelWork"/>.</summary>
internal sealed class CoreWork : IDisposable
{
    private readonly WorkerPool _pool = new(Environment.ProcessorCount);

    public void Run(int parts, Action<int> part)
    {
        var job = new Job(part);
        _pool.Run(ref job, parts);
    }

    public void Dispose() => _pool.Dispose();

    private readonly struct Job(Action<int> part) : IParallelJob
    {
        public void Execute(int index) => part(index);
    }
}

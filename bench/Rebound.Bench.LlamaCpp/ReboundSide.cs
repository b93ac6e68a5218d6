using Rebound.Engine;
using Rebound.Inference.Generation;
using Rebound.Models;

namespace Rebound.Bench.LlamaCpp;

/// <summary>Rebound, with weights as the file stores them, exactly or with activations of eight bits, or widened to fp32.</summary>
internal sealed class ReboundSide : ISide
{
    private readonly ModelSource _source;
    private readonly CpuBackend _backend;
    private readonly LlamaModel _model;
    private readonly Generator _generator;

    public ReboundSide(string path, int threads, bool stored, bool rounds = false)
    {
        Name = rounds ? "Rebound, int8" : stored ? "Rebound" : "Rebound, fp32";
        _source = ModelSource.Open(path);
        _backend = new CpuBackend(threads, storedWeights: stored, roundsActivations: rounds);
        _model = _source.Load(_backend);
        _generator = new Generator(_model);
    }

    public string Name { get; }

    public (Lap Prompts, Lap Token) Run(int[][] prompts, int tokens)
    {
        var start = Lap.Now;
        var first = start;
        var (waiting, after) = (Enumerable.Range(0, prompts.Length).ToHashSet(), 0);
        foreach (var chosen in _generator.Stream(prompts, new GenerationOptions { MaxNewTokens = tokens + 1 }))
        {
            if (waiting.Count == 0)
            {
                after++;
            }
            else if (waiting.Remove(chosen.Sequence) && waiting.Count == 0)
            {
                first = Lap.Now;
            }
        }

        return (first - start, (Lap.Now - first) / after);
    }

    public void Dispose()
    {
        _model.Dispose();
        _backend.Dispose();
        _source.Dispose();
    }
}

using Rebound.Engine;

namespace Rebound.Models.Layers;

/// <summary>The rotary table of a model, which grows with the highest position.</summary>
internal sealed class Rotary : IDisposable
{
    private const int FirstPositions = 512;

    private readonly Backend _backend;
    private readonly float[] _frequencies;
    private readonly int _limit;
    private Arena? _arena;
    private RotaryTable _table;

    public Rotary(Backend backend, LlamaConfig config)
    {
        _backend = backend;
        _frequencies = config.Rope.InverseFrequencies(config.HeadDim);
        _limit = config.ContextLength;
    }

    /// <summary>A table that holds the positions 0 to <paramref name="positions"/> − 1 or more.</summary>
    public RotaryTable Covering(int positions)
    {
        if (_arena is null || _table.Positions < positions)
        {
            _arena?.Dispose();
            var doubled = Math.Min(_limit, (long)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)positions));
            Build((int)Math.Max(positions, Math.Max(doubled, Math.Min(_limit, FirstPositions))));
        }

        return _table;
    }

    public void Dispose() => _arena?.Dispose();

    /// <summary>Angle and its cosine and sine in fp32, as transformers computes them.</summary>
    private void Build(int positions)
    {
        var half = _frequencies.Length;
        var plan = new ArenaPlan();
        var cosines = plan.Add(new TensorSpec("rotary.cosines", new Shape(positions, half)));
        var sines = plan.Add(new TensorSpec("rotary.sines", new Shape(positions, half)));
        _arena = _backend.Allocate(plan);
        _table = new RotaryTable(_arena[cosines], _arena[sines]);

        var (cosine, sine) = (new float[positions * half], new float[positions * half]);
        for (var p = 0; p < positions; p++)
        {
            for (var i = 0; i < half; i++)
            {
                (sine[(p * half) + i], cosine[(p * half) + i]) = MathF.SinCos(p * _frequencies[i]);
            }
        }

        _backend.CopyFromHost<float>(_table.Cosines, cosine);
        _backend.CopyFromHost<float>(_table.Sines, sine);
    }
}

namespace Rebound.Models;

/// <summary>Scaling of rotary frequencies for contexts longer than those of pretraining.</summary>
public enum RopeScaling
{
    None,

    /// <summary>Positions divided by a factor (Chen et al. 2023, arXiv 2306.15595).</summary>
    Linear,

    /// <summary>Low frequencies divided by a factor, high ones kept, those between interpolated (Llama 3.1).</summary>
    Llama3,
}

/// <summary>Rotary position embeddings (Su et al. 2021, arXiv 2104.09864).</summary>
public sealed record RopeSettings
{
    /// <summary>The base of the frequencies.</summary>
    public float Theta { get; init; } = 10000;

    public RopeScaling Scaling { get; init; }

    /// <summary>By how much positions or frequencies are divided.</summary>
    public float Factor { get; init; } = 1;

    /// <summary>Llama 3: wavelengths longer than the original context over this are divided by the whole factor.</summary>
    public float LowFrequencyFactor { get; init; } = 1;

    /// <summary>Llama 3: wavelengths shorter than the original context over this are kept.</summary>
    public float HighFrequencyFactor { get; init; } = 4;

    /// <summary>Llama 3: the context length of pretraining.</summary>
    public int OriginalMaxPositions { get; init; }

    /// <summary>
    /// Angle per position of every pair of elements, [headDim / 2]: <c>θ^(−2i / headDim)</c>, scaled; every step in fp32
    /// as transformers computes it (<c>modeling_rope_utils.py</c>).
    /// </summary>
    public float[] InverseFrequencies(int headDim)
    {
        var frequencies = new float[headDim / 2];
        for (var i = 0; i < frequencies.Length; i++)
        {
            var exponent = 2 * i / (float)headDim;
            frequencies[i] = Scale(1 / (float)Math.Pow(Theta, exponent));
        }

        return frequencies;
    }

    private float Scale(float frequency) => Scaling switch
    {
        RopeScaling.Linear => frequency / Factor,
        RopeScaling.Llama3 => ScaleLlama3(frequency),
        _ => frequency,
    };

    private float ScaleLlama3(float frequency)
    {
        var wavelength = (float)(2 * Math.PI) / frequency;
        if (wavelength < OriginalMaxPositions / HighFrequencyFactor)
        {
            return frequency;
        }

        if (wavelength > OriginalMaxPositions / LowFrequencyFactor)
        {
            return frequency / Factor;
        }

        var smooth = ((OriginalMaxPositions / wavelength) - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor);
        return ((1 - smooth) * frequency / Factor) + (smooth * frequency);
    }
}

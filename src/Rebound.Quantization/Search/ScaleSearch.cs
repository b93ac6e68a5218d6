namespace Rebound.Quantization;

/// <summary>
/// The search for the scales of a super-block: those of a sub-block by least squares over the codes that a range of steps gives, then the
/// few bits around them, then the fp16 numbers that scale these by least squares over all codes. What is searched for is the least squared
/// error.
/// </summary>
internal abstract class ScaleSearch
{
    protected const int BlockValues = 256;

    /// <summary>Times that what was found is a start again, as long as the error falls.</summary>
    protected const int Refinements = 3;

    private readonly sbyte[] _codes = new sbyte[BlockValues];

    /// <summary>[256] of the block that was searched last.</summary>
    public ReadOnlySpan<sbyte> Codes => _codes;

    /// <summary>The fp16 number that scales the scales.</summary>
    public float Scale => (float)Units.Scale;

    /// <summary>The fp16 number that scales the minima; 0 for a type without them.</summary>
    public float Minimum => (float)Units.Minimum;

    /// <summary>The fp16 numbers that scale what sub-blocks have.</summary>
    protected (Half Scale, Half Minimum) Units { get; private set; }

    /// <param name="values">[256].</param>
    public void Search(ReadOnlySpan<float> values)
    {
        Units = Fit(values);
        var (best, least) = (Units, Choose(values));
        for (var refinement = 0; refinement < Refinements; refinement++)
        {
            Encode(values);
            Units = Refit(values);
            var error = Choose(values);
            if (!(error < least))
            {
                break;
            }

            (best, least) = (Units, error);
        }

        Units = best;
        Choose(values);
        Encode(values);
    }

    /// <summary>Fits scales to every sub-block.</summary>
    /// <returns>The fp16 numbers to begin with.</returns>
    protected abstract (Half Scale, Half Minimum) Fit(ReadOnlySpan<float> values);

    /// <summary>Chooses what sub-blocks have of few bits, around what was fitted.</summary>
    /// <returns>The squared error.</returns>
    protected abstract float Choose(ReadOnlySpan<float> values);

    /// <summary>Writes the codes of what was chosen.</summary>
    protected abstract void Encode(ReadOnlySpan<float> values);

    /// <summary>The fp16 numbers of the least squared error with the codes.</summary>
    protected abstract (Half Scale, Half Minimum) Refit(ReadOnlySpan<float> values);

    protected Span<sbyte> CodesFrom(int first) => _codes.AsSpan(first);
}

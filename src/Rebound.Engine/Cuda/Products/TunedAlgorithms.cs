using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Rebound.Engine.Cuda.Interop;

namespace Rebound.Engine.Cuda;

/// <summary>
/// The algorithms that were fastest, kept in a file for one GPU model and one version of cuBLASLt: a line for each
/// product, its description and the algorithm's bytes.
/// </summary>
internal sealed class TunedAlgorithms
{
    private readonly FileCache _cache;
    private readonly string _fileName;
    private readonly Dictionary<string, ProductAlgorithm> _known = [];

    public TunedAlgorithms(FileCache cache, string gpu, string version)
    {
        _cache = cache;
        var name = string.Concat(gpu.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '-'));
        _fileName = $"products-{name}-{version}.txt";
        foreach (var line in Encoding.UTF8.GetString(cache.Read(_fileName) ?? []).Split('\n'))
        {
            if (line.Split('=') is [var product, var bytes] && TryParse(bytes) is { } algorithm)
            {
                _known[product] = algorithm;
            }
        }
    }

    public bool TryGet(in MatrixProduct product, out ProductAlgorithm algorithm) => _known.TryGetValue(Line(product), out algorithm);

    public void Keep(in MatrixProduct product, ProductAlgorithm algorithm)
    {
        _known[Line(product)] = algorithm;
        var text = new StringBuilder();
        foreach (var (line, chosen) in _known.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            ReadOnlySpan<ulong> words = chosen;
            text.Append(CultureInfo.InvariantCulture, $"{line}={Convert.ToHexStringLower(MemoryMarshal.AsBytes(words))}\n");
        }

        _cache.Write(_fileName, Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static string Line(in MatrixProduct p) =>
        $"{p.M}x{p.N}x{p.K} {(p.TransposeA ? 'T' : 'N')}{(p.TransposeB ? 'T' : 'N')} {p.Inputs} {p.Output} "
        + $"{p.LeadingA} {p.LeadingB} {p.LeadingD} {(p.Accumulate ? "add" : "set")}{(p.Bias ? " bias" : "")} "
        + $"{p.AlignmentA} {p.AlignmentB} {p.AlignmentD}";

    private static ProductAlgorithm? TryParse(string hex)
    {
        var algorithm = default(ProductAlgorithm);
        Span<ulong> words = algorithm;
        var bytes = MemoryMarshal.AsBytes(words);
        return hex.Length == 2 * bytes.Length && hex.All(char.IsAsciiHexDigit)
            && Convert.FromHexString(hex, bytes, out _, out _) == System.Buffers.OperationStatus.Done
            ? algorithm
            : null;
    }
}

namespace Rebound.Study.Reporting;

/// <summary>How methods are named and coloured in a report: each always the same.</summary>
/// <param name="methods">All methods of the report.</param>
internal sealed class MethodLook(IEnumerable<string> methods)
{
    /// <summary>Colours beside those of the paper's own methods; <c>report.css</c> has them.</summary>
    private const int OtherColours = 6;

    private static readonly string[] Own = ["vanilla", "nut", "nat"];
    private static readonly string[] Acronyms = ["nut", "nat", "dft", "dpo", "kto", "nft", "grpo"];

    private readonly string[] _others = [.. methods.Distinct().Except(Own)];

    /// <summary>The look of the paper's own methods alone.</summary>
    public static MethodLook OfThePaper { get; } = new([]);

    public static string NameOf(string method) => Acronyms.Contains(method) ? method.ToUpperInvariant() : method;

    /// <summary>The CSS class that colours a method.</summary>
    public string StyleOf(string method) =>
        Own.Contains(method) ? method : $"other{Math.Max(0, Array.IndexOf(_others, method)) % OtherColours}";
}

using Rebound.Study.Results;

namespace Rebound.Study.Reporting;

/// <summary>How kinds of runs are named in a report: by what tells them apart there.</summary>
internal sealed class ArmText(IReadOnlyList<Arm> arms, MethodLook look)
{
    private readonly bool _models = arms.Select(arm => arm.Model).Distinct().Count() > 1;
    private readonly bool _successes = arms.Any(arm => arm.Successes is not null);
    private readonly bool _failures = arms.Any(arm => arm.Failures is not null);

    /// <summary>The heads of the cells that name a kind of run.</summary>
    public IEnumerable<string> Heads =>
    [
        _failures ? "method" : "run", .. _models ? ["model"] : Array.Empty<string>(), .. _successes ? ["successes"] : Array.Empty<string>(),
        .. _failures ? ["failures"] : Array.Empty<string>(),
    ];

    /// <summary>Cells that name a kind of run.</summary>
    public IEnumerable<string> Cells(Arm arm) => [Colored(arm.Method), .. Numbers(arm)];

    /// <summary>Cells that name the difference of two kinds of run.</summary>
    public IEnumerable<string> Cells(Arm arm, Arm other) =>
    [
        $"{Colored(arm.Method)} − {Colored(other.Method)}"
            + (other.Failures != arm.Failures && other.Failures is not null ? " without failures" : ""),
        .. Numbers(arm),
    ];

    /// <summary>The setting that lines are drawn in, for a title; empty where there is one alone.</summary>
    public string Setting(string model, int? successes) => string.Join(
        ", ",
        ((string[])[_models ? model : "", successes is { } count ? $"{HtmlText.Count(count)} successes" : ""])
            .Where(part => part.Length > 0));

    public string Colored(string method) =>
        $"<span class=\"method {look.StyleOf(method)}\">{HtmlText.Escape(MethodLook.NameOf(method))}</span>";

    private IEnumerable<string> Numbers(Arm arm) =>
    [
        .. _models ? [HtmlText.Escape(arm.Model)] : Array.Empty<string>(),
        .. _successes ? [arm.Successes is { } successes ? HtmlText.Count(successes) : "all"] : Array.Empty<string>(),
        .. _failures ? [arm.Failures is { } failures ? HtmlText.Count(failures) : ""] : Array.Empty<string>(),
    ];
}

using System.CommandLine;
using Rebound.Cli.Options;
using Rebound.Cli.Serve;
using Rebound.Gateway;
using Rebound.Traces;

namespace Rebound.Cli.Record;

/// <summary>The options of <c>rebound record</c>.</summary>
internal sealed class RecordOptions
{
    private const int MostMebibytes = 1024;

    public readonly Option<string?> Upstream = OptionOf.Text(
        "--upstream", "URL", "The server that requests are passed on to, such as http://127.0.0.1:8000/v1 (default none: the folder's "
            + "trajectories are written as they are known, and that is all)");

    public readonly Option<string?> Output = OptionOf.Text(
        "--output", "DIR", "The folder that conversations are kept in; another run goes on there");

    private static readonly GatewayOptions Defaults = new() { Upstream = new Uri("http://localhost"), Folder = "" };

    private readonly ListenOptions _listen = new(
        Defaults.Port, "another than this machine's own needs --no-auth",
        "Listen on another address than this machine's own: whoever reaches it may use the upstream, and is recorded");

    private readonly Option<double> _drain = OptionOf.Number(
        "--drain-timeout", "Seconds that requests which run have to end when it is stopped", Defaults.DrainTimeout.TotalSeconds);

    private readonly Option<int> _most = OptionOf.Number(
        "--max-recorded", "MiB of a request or an answer that are recorded; larger ones are passed on alone",
        Defaults.MaxRecordedBytes >> 20);

    private readonly Option<string?> _evaluation = OptionOf.Text(
        "--evaluation", "NAME", "Take outcomes from the evaluations of this name (default: from all, which have to agree)");

    private readonly Option<double?> _atLeast = OptionOf.Number<double?>(
        "--at-least", "The least score of a success (default: a score is 0 or 1)");

    /// <summary>As help shows them.</summary>
    public IReadOnlyList<OptionGroup> Groups =>
    [
        new OptionGroup("Gateway", Upstream, Output),
        _listen.Group,
        new OptionGroup("Access", _listen.NoAuth),
        new OptionGroup("Outcome", _evaluation, _atLeast),
        new OptionGroup("Limits", _most, _drain),
        new OptionGroup("Result", SharedOptions.Json),
    ];

    /// <exception cref="InputException">Options are outside of their range, or the address would be open to all.</exception>
    public GatewayOptions Read(CommandContext context)
    {
        var checks = new OptionChecks(context);
        var upstream = Defaults.Upstream;
        if (context.Get(Upstream) is { } text && !TryRead(text, out upstream))
        {
            checks.Add(
                $"{context.Label(Upstream)} is '{text}', and must be a server's address such as http://127.0.0.1:8000/v1, without a key, a "
                    + "question mark or a '#' in it.");
        }

        var folder = context.Get(Output)!;
        checks.WritableFolder(Output, folder);
        var address = _listen.Read(
            context, checks, isGuarded: false,
            $"give {_listen.NoAuth.Name} where whoever reaches it may use the upstream and is to be recorded");
        if (context.Require(_most) is var most and (< 1 or > MostMebibytes))
        {
            checks.Add($"{context.Label(_most)} is {most}; it must be from 1 to {MostMebibytes}.");
        }

        var drain = checks.InRange(_drain, 0, 86_400);
        checks.ThrowIfAny();
        return new GatewayOptions
        {
            Upstream = upstream!,
            Folder = folder,
            Address = address,
            Port = context.Require(_listen.Port),
            AllowedHosts = context.Get(_listen.AllowedHosts) ?? [],
            MaxRecordedBytes = context.Require(_most) << 20,
            DrainTimeout = TimeSpan.FromSeconds(drain),
            Outcomes = new TraceImportOptions { Evaluation = context.Get(_evaluation), AtLeast = context.Get(_atLeast) },
            Note = context.Terminal.Note,
        };
    }

    private static bool TryRead(string text, out Uri? upstream) =>
        Uri.TryCreate(text, UriKind.Absolute, out upstream) && (upstream.Scheme is "http" or "https")
        && upstream is { UserInfo.Length: 0, Query.Length: 0, Fragment.Length: 0 };
}

using System.CommandLine;
using System.Security.Cryptography;
using Rebound.Agents.Episodes;
using Rebound.Cli.Agents;
using Rebound.Cli.Options;
using Rebound.Cli.Paths;
using Rebound.Pages;
using Rebound.Server;

namespace Rebound.Cli.Serve;

/// <summary>The options of <c>rebound serve</c>.</summary>
internal sealed class ServeOptions
{
    private const int MostConcurrency = 4096;

    public readonly Option<string[]> Adapters = new("--adapter")
    {
        Description = "A low-rank adapter beside the model, served under its folder's name; may be given several times, and the first is "
            + "asked where a request names no model",
        HelpName = "DIR",
    };

    public readonly Option<string?> Name = OptionOf.Text(
        "--name", "NAME", "The model's name in requests (default that of its folder or file)");

    public readonly Option<int?> Concurrency = OptionOf.Number<int?>(
        "--concurrency", "Answers that are generated at a time; others wait (default 8 on the CPU, 256 on a GPU)");

    public readonly Option<string[]> Data = new("--data")
    {
        Description = "Trajectories to look at in the browser, a file or a folder; may be given several times",
        HelpName = "FILE|DIR",
    };

    public readonly Option<string[]> Runs = new("--runs")
    {
        Description = "A folder of trainings, evaluations, rounds and studies to look at in the browser; may be given several times",
        HelpName = "DIR",
    };

    private readonly Option<string?> _questions = OptionOf.Text(
        "--question-path", "FILE", "Questions by id, for trajectories of --data that begin with answers");

    private readonly Option<string?> _adaptersFolder = OptionOf.Text(
        "--adapters-folder", "DIR", "A folder whose adapters clients may load and unload by their folders' names");

    /// <summary>Of agents that work on the server.</summary>
    public readonly AgentOptions Agent = new();

    private readonly Option<string?> _saveTo = OptionOf.Text(
        "--save-to", "DIR", "A folder, made where need be, for answers that are judged in the browser's chat: trajectories to train on");

    private static readonly ServerOptions Defaults = new();

    private readonly ListenOptions _listen = new(
        new ServerOptions().Port, "another than this machine's own needs a key, or --no-auth",
        "Listen on another address than this machine's own without a key: whoever reaches it may use the model");

    private readonly Option<int> _queue = OptionOf.Number(
        "--queue", "Answers that may wait beside those that are generated; what comes then is told to try later", Defaults.MaxWaiting);

    private readonly Option<double> _timeout = OptionOf.Number(
        "--request-timeout", "Seconds that a request may take, waiting included", Defaults.RequestTimeout.TotalSeconds);

    private readonly Option<double> _drain = OptionOf.Number(
        "--drain-timeout", "Seconds that requests which run have to end when the server is stopped", Defaults.DrainTimeout.TotalSeconds);

    private readonly Option<string?> _keyFile = OptionOf.Text("--api-key-file", "FILE", "A file with the key that requests have to bring");

    private readonly Option<string?> _keyVariable = OptionOf.Text(
        "--api-key-variable", "NAME", "The environment variable with that key");

    public OptionGroup[] Groups =>
    [
        new OptionGroup("Model", SharedOptions.Model, Adapters, _adaptersFolder, Name),
        new OptionGroup("Pages", Data, _questions, Runs),
        _listen.Group,
        new OptionGroup("Access", _keyFile, _keyVariable, _listen.NoAuth),
        new OptionGroup("Agents", [Agent.Task, .. Agent.Wording]),
        Agent.Tools,
        Agent.Turns,
        new OptionGroup("Chat", _saveTo),
        new OptionGroup("Load", Concurrency, _queue, _timeout, _drain),
        new OptionGroup(
            "Machine", SharedOptions.Device, SharedOptions.Threads, SharedOptions.ComputeType,
            SharedOptions.Int8Activations, SharedOptions.Deterministic),
    ];

    /// <exception cref="InputException">Options are outside of their range, or the address would be open to all.</exception>
    public (ServerOptions Server, EpisodeOptions Agents) Read(CommandContext context)
    {
        var checks = new OptionChecks(context);
        if (context.Get(Concurrency) is { } concurrency and (< 1 or > MostConcurrency))
        {
            checks.Add($"{context.Label(Concurrency)} is {concurrency}; it must be from 1 to {MostConcurrency}.");
        }

        var queue = checks.AtLeast(_queue, 0);
        var timeout = checks.InRange(_timeout, 1, 86_400);
        var drain = checks.InRange(_drain, 0, 86_400);
        var key = ReadKey(context, checks);
        if (context.Get(Name) is { } name && (string.IsNullOrWhiteSpace(name) || name.Any(char.IsControl)))
        {
            checks.Add($"{context.Label(Name)} is '{name}': a model needs a name that requests can write.");
        }

        var address = _listen.Read(
            context, checks, isGuarded: key is not null,
            $"give a key by {_keyFile.Name} or {_keyVariable.Name}, or {_listen.NoAuth.Name} where whoever reaches it may use it");
        if (key is not null && context.Get(_listen.NoAuth))
        {
            checks.Add($"Give a key or {_listen.NoAuth.Name}, not both.");
        }

        var episodes = Agent.ReadEpisodes(context, checks);
        var adapters = context.Get(_adaptersFolder);
        if (adapters is not null && !Directory.Exists(adapters))
        {
            checks.Add($"{context.Label(_adaptersFolder)} {adapters} is no folder.");
        }

        var saved = context.Get(_saveTo);
        if (File.Exists(saved))
        {
            checks.Add($"{context.Label(_saveTo)} {saved} is a file; a folder is needed.");
        }

        var pages = new PagesOptions
        {
            Data = [.. (context.Get(Data) ?? []).Select(path => checks.ExistingData(Data, path))],
            Questions = checks.ExistingFile(_questions),
            SaveFolder = saved,
            Runs = [.. (context.Get(Runs) ?? []).Select(path => ExistingFolder(path, context, checks))],
        };
        checks.ThrowIfAny();
        if (saved is not null)
        {
            Directory.CreateDirectory(saved);
        }

        var server = new ServerOptions
        {
            HasModel = HasModel(context),
            Address = address,
            Port = context.Require(_listen.Port),
            ApiKey = key,
            AdaptersFolder = adapters,
            AllowedHosts = context.Get(_listen.AllowedHosts) ?? [],
            MaxWaiting = queue,
            RequestTimeout = TimeSpan.FromSeconds(timeout),
            DrainTimeout = TimeSpan.FromSeconds(drain),
            Parts = [new PagesPart(pages)],
            Seed = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong))),
            Note = context.Terminal.Note,
        };
        return (server, episodes);
    }

    /// <summary>Whether there is a model to serve; otherwise there is something to look at.</summary>
    public bool HasModel(CommandContext context) =>
        context.Get(SharedOptions.Model) is not null || context.Get(Adapters) is { Length: > 0 };

    private string ExistingFolder(string path, CommandContext context, OptionChecks checks)
    {
        if (!Directory.Exists(path))
        {
            checks.Add($"{context.Label(Runs)} {path} {(File.Exists(path) ? "is a file; a folder is needed." : "does not exist.")}");
        }

        return path;
    }

    private string? ReadKey(CommandContext context, OptionChecks checks)
    {
        var (file, variable) = (context.Get(_keyFile), context.Get(_keyVariable));
        if (file is not null && variable is not null)
        {
            checks.Add($"Give one of {_keyFile.Name} and {_keyVariable.Name}.");
            return null;
        }

        if (file is not null && PathChecks.ProblemOfInput(file) is { } problem)
        {
            checks.Add($"{context.Label(_keyFile)} {problem}");
            return null;
        }

        var text = variable is not null ? Environment.GetEnvironmentVariable(variable) : file is not null ? File.ReadAllText(file) : null;
        var key = text?.Trim();
        if ((file ?? variable) is { } place && string.IsNullOrEmpty(key))
        {
            checks.Add($"There is no key in {place}.");
        }

        return key;
    }
}

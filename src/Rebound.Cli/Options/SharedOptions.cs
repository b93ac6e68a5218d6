using System.CommandLine;
using Rebound.Cli.Models;
using Rebound.Trajectories;

namespace Rebound.Cli.Options;

/// <summary>Options that several commands take, described once.</summary>
internal static class SharedOptions
{
    public static readonly Option<bool> Quiet = new("--quiet", "-q")
    {
        Description = "Show results and errors only",
        Recursive = true,
    };

    public static readonly Option<bool> Verbose = new("--verbose", "-v")
    {
        Description = "Show every option with where it was set, and the stack trace of an error",
        Recursive = true,
    };

    public static readonly Option<string?> Config = new("--config")
    {
        Description = "A YAML file of options, 'name: value'; REBOUND_NAME variables and options that are typed come before it",
        HelpName = "FILE",
        Recursive = true,
    };

    public static readonly Option<bool> Json = new("--json")
    {
        Description = "Print the result as JSON on standard output",
    };

    public static readonly Option<string> Model = new("--model", "-m")
    {
        Description = "The model: a Hugging Face folder, a .gguf file, or an adapter",
        HelpName = "PATH",
    };

    public static readonly Option<string?> Adapter = new("--adapter")
    {
        Description = "A low-rank adapter beside the model, as PEFT writes it; --model may be left out when it says its own",
        HelpName = "DIR",
    };

    /// <summary>In the place of <see cref="Adapter"/> where several can be tried, one after the other.</summary>
    public static readonly Option<string[]> Adapters = new("--adapter")
    {
        Description = $"{Adapter.Description}. Several are tried one after the other, and the model's weights are read once",
        HelpName = Adapter.HelpName,
    };

    /// <summary>The model as the first argument of a command, in the place of <see cref="Model"/>.</summary>
    public static readonly Argument<string?> ModelArgument = new("model")
    {
        Description = "The model, as --model names it too",
        HelpName = "PATH",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>Of commands that take a model: it, unless the adapter says what it was trained on.</summary>
    public static readonly Need ModelOrAdapter = new("the model, a Hugging Face folder, a .gguf file or an adapter", Model, Adapter);

    /// <summary>The same where there may be several adapters.</summary>
    public static readonly Need ModelOrAdapters = new(ModelOrAdapter.Reason, Model, Adapters);

    public static readonly Option<string> Reasoning = OptionOf.OneOf(
        "--reasoning", "Have the model reason before it answers, or not, or as it was trained and its template does by itself",
        ReasoningModes.Auto, ReasoningModes.On, ReasoningModes.Off);

    public static readonly Option<string> ModelFolder = new("--output", "--output-dir")
    {
        Description = "Folder to write the model to, as Hugging Face has it",
        HelpName = "DIR",
        Required = true,
    };

    public static readonly Option<bool> Overwrite = new("--overwrite")
    {
        Description = "Write over a model that the output folder already holds",
    };

    public static readonly Option<string> Device = new("--device")
    {
        Description = "Where to compute: on a GPU (cuda:N for GPU N), on the CPU, or on a GPU if there is one",
        HelpName = $"{Devices.Auto}|{Devices.Cuda}|{Devices.Cpu}",
        DefaultValueFactory = _ => Devices.Auto,
    };

    public static readonly Option<string?> ComputeType = ComputeTypes.Option(
        "--dtype",
        "Element type of weights and activations while computing (default bfloat16 on a GPU and float32 on the CPU, and weights that are "
        + "not trained as their file stores them; on a GPU those in blocks)");

    public static readonly Option<int?> Threads = new("--threads")
    {
        Description = "Threads to compute with (default one for every core)",
        HelpName = "N",
    };

    public static readonly Option<bool> Int8Activations = new("--int8-activations")
    {
        Description = "On the CPU, round activations to eight bits for products with a GGUF file's blocks while tokens are generated, as "
            + "llama.cpp does: faster, and not exact",
    };

    public static readonly Option<bool> Deterministic = new("--deterministic")
    {
        Description = "Give the same tokens and log-probabilities bit for bit, whatever is generated beside them; slower",
    };

    public static readonly Option<string?> InputRows = new("--input")
    {
        Description = "Read rows from a JSON lines file; - is standard input",
        HelpName = "FILE",
    };

    public static readonly Option<string?> OutputRows = new("--output")
    {
        Description = "Write the rows to a JSON lines file (default standard output)",
        HelpName = "FILE",
    };
}


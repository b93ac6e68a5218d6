using System.CommandLine;
using System.Text.Json.Nodes;
using Rebound.Cli.Machine;
using Rebound.Cli.Options;
using Rebound.Cli.Ranks;
using Rebound.Cli.Terminal;
using Rebound.Engine;
using Rebound.Engine.Cuda;

namespace Rebound.Cli.Machine;

/// <summary>
/// <c>rebound doctor</c>: what this machine offers, what can be trained and run on it, and with --verbose where CUDA was looked for.
/// </summary>
internal static class DoctorCommand
{
    private static readonly Option<string?> CudaFolder = new("--cuda-path")
    {
        Description = "A folder with CUDA's libraries, to look in before any other",
        HelpName = "DIR",
    };

    public static CliCommand Create() => new("doctor", "Show what this machine offers, and what can be trained and run on it", Run)
    {
        Options = { CudaFolder, SharedOptions.Json },
        Details = "Speeds are to be expected by products that are measured now, for about a second, and by the memory that is free. CUDA's "
            + "libraries are looked for in --cuda-path, in the folders that REBOUND_CUDA_PATH names, by the system's loader, in CUDA "
            + "toolkits, and in the nvidia/*/lib folders of Python environments.",
        Examples = ["rebound doctor", "rebound doctor --verbose", "rebound doctor --json"],
    };

    private static int Run(CommandContext context)
    {
        var folder = context.Get(CudaFolder);
        if (folder is not null && !Directory.Exists(folder))
        {
            throw new InputException($"--cuda-path {folder} is no folder; give one that holds CUDA's libraries, or leave it out.");
        }

        var (opened, absence) = OpenBackend(folder);
        using var backend = opened;
        var verdict = Verdict.Of(backend);
        var locations = CudaLibrary.All.Select(library => CudaLibraries.Locate(library, folder)).ToArray();
        (string Name, string Key, Fact[] Facts)[] sections =
        [
            ("Runtime", "runtime", [.. ProcessorFacts.Runtime()]),
            ("Processor", "processor", [.. ProcessorFacts.Processor()]),
            ("Memory", "memory", [.. MemoryFacts.All()]),
            ("CUDA", "cuda", [.. CudaFacts.All(locations), CudaFacts.Backend(backend, absence)]),
            ("Ranks", "ranks", [LaunchFact()]),
        ];

        if (context.Get(SharedOptions.Json))
        {
            var json = new JsonObject(sections.Select(section =>
                KeyValuePair.Create<string, JsonNode?>(
                    section.Key, new JsonObject(section.Facts.Select(fact => KeyValuePair.Create(fact.Key, fact.Value))))));
            json["verdict"] = verdict.ToJson();
            context.Terminal.WriteJson(json);
            return ExitCode.Done;
        }

        var output = context.Terminal.Output;
        var width = sections.Max(section => section.Facts.Max(fact => fact.Name.Length));
        foreach (var (name, _, facts) in sections)
        {
            output.WriteLine(name);
            foreach (var fact in facts)
            {
                output.WriteLine($"  {fact.Name.PadRight(width)}  {fact.Text}");
            }

            output.WriteLine();
        }

        TellTried(context.Terminal, [.. CudaFacts.Tried(locations)]);
        output.WriteLine("Verdict");
        foreach (var line in verdict.Lines())
        {
            context.Terminal.Say($"  {line}");
        }

        return ExitCode.Done;
    }

    /// <summary>The ranks that a launcher's variables mean, or why they mean none.</summary>
    private static Fact LaunchFact()
    {
        var gpus = CudaRuntime.Find().Devices.Found.Count;
        try
        {
            return Fact.Of("launch", "launch", RankResolution.Resolve(RankProgram.Variables(), new RankSettings(), gpus).Summary);
        }
        catch (InputException e)
        {
            return Fact.Of("launch", "launch", e.Message);
        }
    }

    /// <summary>Where absent libraries were looked for: news where there is a device that they would serve, and noise elsewhere.</summary>
    private static void TellTried(CommandTerminal terminal, string[] tried)
    {
        if (tried.Length == 0 || !(terminal.Verbose || NvidiaHardware.IsSeen))
        {
            return;
        }

        terminal.Output.WriteLine("Looked for CUDA's absent libraries in");
        foreach (var place in tried)
        {
            terminal.Output.WriteLine($"  {place}");
        }

        terminal.Output.WriteLine();
    }

    /// <summary>The default backend, and why it is not a GPU.</summary>
    private static (Backend Backend, string? Absence) OpenBackend(string? libraryFolder)
    {
        try
        {
            return (new CudaBackend(new CudaOptions { LibraryFolder = libraryFolder }), null);
        }
        catch (Exception e) when (e is PlatformNotSupportedException or CudaException)
        {
            return (new CpuBackend(), CudaRuntime.Find().Absence ?? e.Message);
        }
    }
}

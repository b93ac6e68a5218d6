using System.CommandLine;
using System.Text.Json.Nodes;
using Rebound.Cli.Machine;
using Rebound.Engine.Cuda;

namespace Rebound.Cli.Commands;

/// <summary><c>rebound doctor</c>: what this machine offers, and where CUDA was looked for.</summary>
internal static class DoctorCommand
{
    private static readonly Option<string?> CudaFolder = new("--cuda-path")
    {
        Description = "A folder with CUDA's libraries, to look in before any other",
        HelpName = "DIR",
    };

    public static CliCommand Create() => new("doctor", "Show what this machine offers: cores, instruction sets, memory, CUDA", Run)
    {
        Options = { CudaFolder, SharedOptions.Json },
        Details = "CUDA's libraries are looked for in --cuda-path, in the folders that REBOUND_CUDA_PATH names, by the system's "
            + "loader, in CUDA toolkits, and in the nvidia/*/lib folders of Python environments.",
        Examples = ["rebound doctor", "rebound doctor --json"],
    };

    private static int Run(CommandContext context)
    {
        var folder = context.Get(CudaFolder);
        if (folder is not null && !Directory.Exists(folder))
        {
            throw new InputException($"--cuda-path {folder} is no folder; give one that holds CUDA's libraries, or leave it out.");
        }

        var locations = CudaLibrary.All.Select(library => CudaLibraries.Locate(library, folder)).ToArray();
        (string Name, string Key, Fact[] Facts)[] sections =
        [
            ("Runtime", "runtime", [.. ProcessorFacts.Runtime()]),
            ("Processor", "processor", [.. ProcessorFacts.Processor()]),
            ("Memory", "memory", [.. MemoryFacts.All()]),
            ("CUDA", "cuda", [.. CudaFacts.All(locations), CudaFacts.Backend(folder)]),
        ];

        if (context.Get(SharedOptions.Json))
        {
            context.Terminal.WriteJson(new JsonObject(sections.Select(section =>
                KeyValuePair.Create<string, JsonNode?>(section.Key, new JsonObject(section.Facts.Select(fact => KeyValuePair.Create(fact.Key, fact.Value)))))));
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

        var tried = CudaFacts.Tried(locations).ToArray();
        if (tried.Length > 0)
        {
            output.WriteLine("Looked for CUDA's absent libraries in");
            foreach (var place in tried)
            {
                output.WriteLine($"  {place}");
            }
        }

        return ExitCode.Done;
    }
}

using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Rebound.Testing;

namespace Rebound.Cli.Tests;

/// <summary>Keeps the projects to the arrows of docs/architecture.md: what each may know, and nothing else.</summary>
public sealed class ArchitectureTests
{
    private static readonly string Sources = Path.Combine(SharedData.RepositoryRoot, "src");

    private static readonly Dictionary<string, string[]> MayKnow = Reachable(Arrows());

    public static TheoryData<string> Projects => [.. Directory.GetDirectories(Sources).Select(folder => Path.GetFileName(folder)!)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_file_references_only_what_the_project_may_know(string project)
    {
        Assert.True(MayKnow.ContainsKey(project), $"{project} is new: add what it may know to docs/architecture.md.");
        var file = XDocument.Load(Path.Combine(Sources, project, $"{project}.csproj"));

        var references = file.Descendants("ProjectReference").Select(reference =>
            Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!));

        Assert.Empty(references.Except(MayKnow[project]));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_compiled_assembly_uses_only_what_the_project_may_know(string project)
    {
        var assembly = Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, $"{(project == "Rebound.Cli" ? "rebound" : project)}.dll"));

        var references = assembly.GetReferencedAssemblies().Select(reference => reference.Name!);

        Assert.Empty(references.Where(name => name.StartsWith("Rebound.", StringComparison.Ordinal)).Except(MayKnow[project]));
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Only_the_command_line_uses_packages_that_parse_arguments_or_draw(string project)
    {
        string[] forTheCommandLine = ["Spectre.Console", "System.CommandLine"];
        var file = XDocument.Load(Path.Combine(Sources, project, $"{project}.csproj"));

        var packages = file.Descendants("PackageReference").Select(reference => (string)reference.Attribute("Include")!).ToArray();

        Assert.Equal(
            project == "Rebound.Cli" ? forTheCommandLine : [], packages.Intersect(forTheCommandLine).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Libtorch_is_a_peer_of_the_benchmarks_and_no_part_of_the_solution()
    {
        var users = new[] { "src", "tests", "bench" }.SelectMany(folder => Directory.EnumerateFiles(
                Path.Combine(SharedData.RepositoryRoot, folder), "*.csproj", SearchOption.AllDirectories))
            .Where(file => File.ReadAllText(file).Contains("\"TorchSharp\"", StringComparison.Ordinal)).Select(Path.GetFileName);

        Assert.Equal(["Rebound.Bench.TorchSharp.csproj"], users);
        Assert.DoesNotContain(
            "TorchSharp", File.ReadAllText(Path.Combine(SharedData.RepositoryRoot, "Rebound.slnx")), StringComparison.Ordinal);
    }

    /// <summary>Besides, one file calls the system: .NET has no call that flushes a folder's entries to the disk.</summary>
    [Fact]
    public void Native_libraries_are_loaded_and_called_in_the_engines_cuda_folder_alone()
    {
        string[] nativeCalls = ["DllImport", "LibraryImport", "NativeLibrary.", "delegate* unmanaged"];
        var cuda = Path.Combine(Sources, "Rebound.Engine", "Cuda") + Path.DirectorySeparatorChar;

        var folderFlush = Path.Combine(Sources, "Rebound.Files", "DurableFolder.cs");

        var elsewhere = SourceFiles().Where(file => !file.StartsWith(cuda, StringComparison.Ordinal) && file != folderFlush)
            .Where(file => File.ReadLines(file).Any(line => nativeCalls.Any(call => line.Contains(call, StringComparison.Ordinal))));

        Assert.Empty(elsewhere);
    }

    /// <summary>What is written past <c>StandardStreams</c> could steer a terminal.</summary>
    [Fact]
    public void The_consoles_streams_are_used_in_one_file_alone()
    {
        string[] streams = ["Console.Out", "Console.Error", "Console.In", "Console.Write", "Console.Open",
            "Console.Read", "AnsiConsole.Write"];
        string[] allowed = ["Console.ReadKey"];
        var owner = Path.Combine(Sources, "Rebound.Cli", "Terminal", "StandardStreams.cs");

        var elsewhere = SourceFiles().Where(file => file != owner).Where(file => File.ReadLines(file).Any(line =>
            streams.Any(stream => line.Contains(stream, StringComparison.Ordinal))
                && !allowed.Any(call => line.Contains(call, StringComparison.Ordinal))));

        Assert.Empty(elsewhere);
    }

    [Fact]
    public void Projects_have_at_most_two_levels_of_folders() => Assert.DoesNotContain(
        SourceFiles(), file => Path.GetRelativePath(Sources, file).Split(Path.DirectorySeparatorChar).Length > 4);

    [Fact]
    public void Files_have_at_most_400_lines() => Assert.DoesNotContain(
        SourceFiles(), file => File.ReadLines(file).Skip(400).Any());

    [Fact]
    public void Lines_have_at_most_140_columns() => Assert.DoesNotContain(
        SourceFiles(), file => File.ReadLines(file).Any(line => line.Length > 140));

    [Fact]
    public void Summaries_name_a_thing_and_do_not_begin_with_what()
    {
        var beginning = new Regex(@"<summary>\s*(///\s*)?What ", RegexOptions.None, TimeSpan.FromSeconds(1));

        Assert.DoesNotContain(SourceFiles(), file => beginning.IsMatch(File.ReadAllText(file)));
    }

    private static IEnumerable<string> SourceFiles() => Directory.EnumerateFiles(Sources, "*.cs", SearchOption.AllDirectories)
        .Where(file => !Path.GetRelativePath(Sources, file).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));

    /// <summary>The arrows of the drawing: <c>A --> B</c>, where A knows B. A project that stands alone has none.</summary>
    private static ILookup<string, string> Arrows() => File.ReadLines(Path.Combine(SharedData.RepositoryRoot, "docs", "architecture.md"))
        .SkipWhile(line => line != "```mermaid").Skip(2).TakeWhile(line => line != "```")
        .Select(line => line.Trim().Split(" --> "))
        .ToLookup(ends => $"Rebound.{ends[0]}", ends => $"Rebound.{ends[1]}", StringComparer.Ordinal);

    /// <summary>What every project of the drawing comes to by its arrows, itself left out.</summary>
    private static Dictionary<string, string[]> Reachable(ILookup<string, string> arrows) => arrows
        .SelectMany(from => from.Append(from.Key)).Distinct(StringComparer.Ordinal)
        .ToDictionary(
            project => project, project => From(project, arrows).Distinct(StringComparer.Ordinal).ToArray(), StringComparer.Ordinal);

    private static IEnumerable<string> From(string project, ILookup<string, string> arrows) =>
        arrows[project].SelectMany(known => From(known, arrows).Prepend(known));
}

using System.Reflection;
using System.Xml.Linq;
using PublicApiGenerator;
using Rebound.Testing;

namespace Rebound.Samples.Tests;

/// <summary>
/// What the library packages show to programs is written down in <c>src/PROJECT/PublicApi.txt</c>. Nothing of it may go or change unseen;
/// what is new is written down for a release, which <c>scripts/public-api</c> does.
/// </summary>
public sealed class PublicApiTests
{
    private static readonly string Sources = Path.Combine(SharedData.RepositoryRoot, "src");

    private static readonly string? Mode = Environment.GetEnvironmentVariable("REBOUND_PUBLIC_API");

    private static readonly ApiGeneratorOptions Options = new()
    {
        IncludeAssemblyAttributes = false,
        ExcludeAttributes =
        [
            "System.Runtime.CompilerServices.AsyncIteratorStateMachineAttribute", "System.Runtime.CompilerServices.AsyncStateMachineAttribute",
            "System.Runtime.CompilerServices.IteratorStateMachineAttribute", "System.Runtime.CompilerServices.CompilerGeneratedAttribute",
            "System.Diagnostics.DebuggerDisplayAttribute",
        ],
    };

    public static TheoryData<string> Packages =>
    [
        .. Directory.EnumerateFiles(Sources, "*.csproj", SearchOption.AllDirectories)
            .Where(file => XDocument.Load(file) is var project && Is(project, "IsPackable") && !Is(project, "PackAsTool"))
            .Select(Path.GetFileNameWithoutExtension).OfType<string>().Order(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Packages))]
    public void Nothing_that_a_package_shows_goes_or_changes_unseen(string package)
    {
        var file = Path.Combine(Sources, package, "PublicApi.txt");
        var listing = Assembly.Load(package).GeneratePublicApi(Options).ReplaceLineEndings("\n");
        if (Mode == "write")
        {
            File.WriteAllText(file, listing);
        }

        var (shown, written) = (Members(listing).ToArray(), Members(File.Exists(file) ? File.ReadAllText(file) : "").ToArray());
        var gone = written.Except(shown).ToArray();
        var added = Mode == "exact" ? shown.Except(written).ToArray() : [];

        Assert.True(
            gone.Length + added.Length == 0 && written.Length > 0,
            $"The public API of {package} is another one than {file} says. If it is meant to be, scripts/public-api writes it down, and the "
                + $"version grows as docs/install.md says.\n{string.Join('\n', gone.Select(line => $"- {line}").Concat(added.Select(line => $"+ {line}")))}");
    }

    [Fact]
    public void The_packages_are_those_that_a_program_needs() => Assert.Equal(
        ["Agents", "Calculation", "Checkpoints", "Engine", "Extensions.AI", "Files", "Grammar", "Hub", "Inference", "Jinja", "Models",
            "Python", "Quantization", "Text", "Training", "Trajectories"],
        Packages.Select(row => row.Data["Rebound.".Length..]));

    private static bool Is(XDocument project, string property) =>
        project.Descendants(property).Any(element => element.Value == "true" && element.Attribute("Condition") is null);

    /// <summary>Each member in a line with where it is: the listing is code, in which braces hold members of types and of namespaces.</summary>
    private static IEnumerable<string> Members(string listing)
    {
        var (places, before) = (new Stack<string>(), "");
        foreach (var line in listing.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0))
        {
            switch (line)
            {
                case "{":
                    places.Push(before);
                    break;
                case "}":
                    places.Pop();
                    break;
                default:
                    yield return string.Join(" / ", places.Reverse().Append(line));
                    break;
            }

            before = line;
        }
    }
}

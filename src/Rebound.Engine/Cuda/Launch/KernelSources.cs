using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Rebound.Engine.Cuda;

/// <summary>The embedded kernel files.</summary>
internal static class KernelSources
{
    private const string Folder = "Kernels/";
    private const string SourceExtension = ".cu";
    private const string HeaderExtension = ".cuh";

    private static readonly TimeSpan MatchLimit = TimeSpan.FromSeconds(1);
    private static readonly Dictionary<string, string> Texts = Read();

    /// <summary>Names of the files that hold kernels, without their extension.</summary>
    public static IEnumerable<string> Files =>
        Texts.Keys.Where(name => name.EndsWith(SourceExtension, StringComparison.Ordinal))
            .Select(Path.GetFileNameWithoutExtension).OfType<string>().Order(StringComparer.Ordinal);

    /// <summary>Headers that the kernel files include, by name.</summary>
    public static IReadOnlyDictionary<string, string> Headers { get; } =
        Texts.Where(pair => pair.Key.EndsWith(HeaderExtension, StringComparison.Ordinal)).ToDictionary();

    public static string FileName(string file) => file + SourceExtension;

    public static string Text(string file) => Texts[FileName(file)];

    /// <summary>How many parameters a kernel is declared with.</summary>
    public static int ParameterCount(Kernel kernel)
    {
        var declaration = Regex.Match(
            Text(kernel.File), $@"__global__ void (__launch_bounds__\([^)]*\) )?{kernel.Function}\((?<parameters>[^)]*)\)",
            RegexOptions.CultureInvariant, MatchLimit);
        return declaration.Success
            ? declaration.Groups["parameters"].ValueSpan.Count(',') + 1
            : throw new InvalidOperationException($"{FileName(kernel.File)} declares no kernel {kernel.Function}.");
    }

    /// <summary>The cache key of a compilation: it changes with source, headers, options and compiler.</summary>
    public static string Key(string file, IEnumerable<string> options, string compiler)
    {
        var headers = Headers.OrderBy(pair => pair.Key, StringComparer.Ordinal).SelectMany(pair => new[] { pair.Key, pair.Value });
        var parts = string.Join('\0', [Text(file), .. headers, .. options, compiler]);
        return $"{file}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(parts)))[..32]}";
    }

    private static Dictionary<string, string> Read()
    {
        var assembly = typeof(KernelSources).Assembly;
        var texts = new Dictionary<string, string>();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
            texts[name[Folder.Length..]] = reader.ReadToEnd();
        }

        return texts;
    }
}

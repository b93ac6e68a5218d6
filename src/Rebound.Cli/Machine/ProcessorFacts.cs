using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text.Json.Nodes;
using Rebound.Engine;

namespace Rebound.Cli.Machine;

/// <summary>The runtime, the processor and what the engine makes of it.</summary>
internal static class ProcessorFacts
{
    public static IEnumerable<Fact> Runtime()
    {
        yield return Fact.Of("rebound", "version", Help.VersionLine.Text);
        yield return Fact.Of("runtime", "runtime", RuntimeInformation.FrameworkDescription);
        yield return Fact.Of("system", "system", $"{RuntimeInformation.OSDescription} ({RuntimeInformation.RuntimeIdentifier})");
    }

    public static IEnumerable<Fact> Processor()
    {
        var usable = Environment.ProcessorCount;
        var affinity = LineOf("/proc/self/status", "Cpus_allowed_list");
        yield return Fact.Of("model", "model", LineOf("/proc/cpuinfo", "model name") ?? $"{RuntimeInformation.ProcessArchitecture}");
        yield return new Fact("usable cores", "usable_cores", affinity is null ? $"{usable}" : $"{usable} (affinity {affinity})", usable);
        var limit = ControlGroup.ProcessorLimit;
        yield return new Fact("limit of the group", "group_limit_cores", limit is { } cores ? $"{cores:0.##} cores" : "none", limit);

        var sets = InstructionSets().ToArray();
        yield return new Fact(
            "instruction sets",
            "instruction_sets",
            sets.Length > 0 ? string.Join(", ", sets) : "none that the runtime knows",
            new JsonArray([.. sets.Select(set => JsonValue.Create(set))]));
        yield return VectorWidth();

        using var backend = new CpuBackend();
        yield return Fact.Of("engine", "engine", backend.Description);
    }

    private static Fact VectorWidth()
    {
        var bits = Vector512.IsHardwareAccelerated ? 512
            : Vector256.IsHardwareAccelerated ? 256
            : Vector128.IsHardwareAccelerated ? 128
            : 0;
        var note = bits == 256 && Avx512F.IsSupported ? "; the runtime prefers them to 512 bits on this processor" : "";
        return new Fact("vectors", "vector_bits", bits > 0 ? $"{bits} bits{note}" : "none", bits);
    }

    private static IEnumerable<string> InstructionSets()
    {
        (bool Supported, string Name)[] sets =
        [
            (Sse42.IsSupported, "SSE4.2"),
            (Avx.IsSupported, "AVX"),
            (Avx2.IsSupported, "AVX2"),
            (Fma.IsSupported, "FMA"),
            (AvxVnni.IsSupported, "AVX-VNNI"),
            (Avx512F.IsSupported, "AVX-512F"),
            (Avx512BW.IsSupported, "AVX-512BW"),
            (Avx512DQ.IsSupported, "AVX-512DQ"),
            (System.Runtime.Intrinsics.Arm.AdvSimd.IsSupported, "AdvSIMD"),
        ];
        return sets.Where(set => set.Supported).Select(set => set.Name);
    }

    private static string? LineOf(string file, string name)
    {
        try
        {
            return File.Exists(file)
                ? File.ReadLines(file).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
                : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}

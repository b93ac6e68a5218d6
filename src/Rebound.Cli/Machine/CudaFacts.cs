using System.Text.Json.Nodes;
using Rebound.Engine;
using Rebound.Engine.Cuda;

namespace Rebound.Cli.Machine;

/// <summary>NVIDIA's libraries, where each was looked for, and the GPUs.</summary>
internal static class CudaFacts
{
    /// <summary>One fact a library, and one about the devices.</summary>
    public static IEnumerable<Fact> All(IReadOnlyList<CudaLocation> locations)
    {
        foreach (var location in locations)
        {
            var key = location.Library.Name.ToLowerInvariant().Replace(' ', '_');
            var version = location.Version is null ? "" : $" {location.Version}";
            yield return new Fact(
                location.Library.Name,
                key,
                location.IsLoaded ? $"found{version} ({location.Path})" : $"not found in {location.Tried.Count} places",
                new JsonObject
                {
                    ["found"] = location.IsLoaded,
                    ["version"] = location.Version,
                    ["path"] = location.Path,
                    ["tried"] = new JsonArray([.. location.Tried.Select(Attempt)]),
                });
        }

        var devices = CudaDevices.Query(locations.First(location => location.Library == CudaLibrary.Driver));
        yield return new Fact(
            "devices",
            "devices",
            devices.Absence ?? string.Join("; ", devices.Found.Select(Describe)),
            new JsonArray([.. devices.Found.Select(Json)]));
    }

    /// <summary>Whether commands compute on a GPU: the first one as its backend describes it, or why there is none.</summary>
    /// <param name="backend">The default backend.</param>
    /// <param name="absence">Why it is no GPU; null where it is one.</param>
    public static Fact Backend(Backend backend, string? absence) => Fact.Of(
        "engine", "engine", absence is null ? $"{backend.Description}, {Fact.Bytes(backend.FreeBytes!.Value)} free" : $"none: {absence}");

    /// <summary>For people: every place where absent libraries were looked for, once, by source, with what came of it.</summary>
    public static IEnumerable<string> Tried(IReadOnlyList<CudaLocation> locations)
    {
        var places = locations
            .Where(location => !location.IsLoaded)
            .SelectMany(location => location.Tried)
            .GroupBy(attempt => (attempt.Source, attempt.Path))
            .Select(place =>
                (place.Key.Source, Text: $"{place.Key.Path}: {string.Join(", ", place.Select(attempt => attempt.Outcome).Distinct())}"))
            .ToArray();
        return places.GroupBy(place => place.Source).SelectMany(source => source.Select(place => $"{source.Key,-18}  {place.Text}"));
    }

    private static string Describe(CudaDevice device) =>
        $"{device.Index}: {device.Name}, {Fact.Bytes(device.MemoryBytes)}, compute capability {device.ComputeCapability}";

    private static JsonNode Json(CudaDevice device) => new JsonObject
    {
        ["index"] = device.Index,
        ["name"] = device.Name,
        ["compute_capability"] = device.ComputeCapability,
        ["memory_bytes"] = device.MemoryBytes,
    };

    private static JsonNode Attempt(CudaAttempt attempt) => new JsonObject
    {
        ["source"] = attempt.Source,
        ["path"] = attempt.Path,
        ["outcome"] = attempt.Outcome,
    };
}

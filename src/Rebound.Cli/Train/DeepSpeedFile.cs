using System.Text.Json.Nodes;
using Rebound.Checkpoints;

namespace Rebound.Cli.Train;

/// <summary>
/// The part of a DeepSpeed configuration that is followed: its ZeRO stage, and whether the optimizer's state is moved off the device.
/// </summary>
/// <param name="Stage">1 to 3; null where the file names none.</param>
/// <param name="OffloadsOptimizer">Whether it keeps the optimizer's state in host memory.</param>
/// <param name="OffloadsParameters">Whether it would keep parameters there, too.</param>
/// <param name="Ignored">The names of everything else in it.</param>
internal sealed record DeepSpeedFile(int? Stage, bool OffloadsOptimizer, bool OffloadsParameters, IReadOnlyList<string> Ignored)
{
    private const string Section = "zero_optimization";
    private const string StageKey = "stage";
    private const string DeviceKey = "device";
    private const int MostStage = 3;
    public const string ParametersKey = "offload_param";

    private static readonly string[] OffloadKeys = ["offload_optimizer", ParametersKey];

    /// <exception cref="CheckpointException">It is no JSON object.</exception>
    /// <exception cref="InputException">What is followed in it is of no meaning.</exception>
    public static DeepSpeedFile Read(string path)
    {
        var file = JsonFile.Read(path);
        var ignored = file.Select(member => member.Key).Where(name => name != Section).ToList();
        if (file[Section] is not { } value)
        {
            return new DeepSpeedFile(null, false, false, ignored);
        }

        if (value is not JsonObject zero)
        {
            throw new InputException($"{path}: {Section} is {value.ToJsonString()}; it must be an object.");
        }

        var offloads = OffloadKeys.Where(key => Moves(path, zero, key)).ToArray();
        ignored.AddRange(zero.Select(member => member.Key).Where(name => name != StageKey && !OffloadKeys.Contains(name))
            .Select(name => $"{Section}.{name}"));
        return new DeepSpeedFile(StageOf(path, zero), offloads.Contains(OffloadKeys[0]), offloads.Contains(ParametersKey), ignored);
    }

    /// <summary>Stage 0 divides nothing, as stage 1 does but for moments.</summary>
    private static int? StageOf(string path, JsonObject zero) => zero[StageKey] switch
    {
        null => null,
        JsonValue value when value.TryGetValue<int>(out var stage) && stage is >= 0 and <= MostStage => Math.Max(1, stage),
        var other => throw new InputException(
            $"{path}: {Section}.{StageKey} is {other.ToJsonString()}; it must be a number from 0 to {MostStage}."),
    };

    private static bool Moves(string path, JsonObject zero, string key) => zero[key] switch
    {
        null => false,
        JsonObject offload when offload[DeviceKey] is null => false,
        JsonObject offload when offload[DeviceKey] is JsonValue value && value.TryGetValue<string>(out var device) => device != "none",
        var other => throw new InputException(
            $"{path}: {Section}.{key} is {other.ToJsonString()}; it must be an object with a {DeviceKey}."),
    };
}

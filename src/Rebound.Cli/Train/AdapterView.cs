using System.Text.Json.Nodes;
using Rebound.Models.Adapters;

namespace Rebound.Cli.Train;

/// <summary>What an adapter is, for people and for machines.</summary>
internal static class AdapterView
{
    /// <summary>The adapter in words, its numbers unrounded: a resumed run is told from another by them.</summary>
    public static string Describe(LoraLayout adapter)
    {
        var settings = adapter.Settings;
        var kind = settings.RankStabilized ? "rsLoRA" : "LoRA";
        var dropout = settings.Dropout > 0 ? $", dropout {settings.Dropout}" : "";
        return $"{kind} of rank {settings.Rank}, alpha {settings.Alpha}{dropout}, beside {adapter.Modules.Count:N0} linear layers ({settings.Targets})";
    }

    public static JsonObject? Json(LoraLayout? adapter) => adapter is null
        ? null
        : new JsonObject
        {
            ["r"] = adapter.Settings.Rank,
            ["lora_alpha"] = adapter.Settings.Alpha,
            ["lora_dropout"] = adapter.Settings.Dropout,
            ["use_rslora"] = adapter.Settings.RankStabilized,
            ["target_modules"] = $"{adapter.Settings.Targets}",
            ["layers"] = adapter.Modules.Count,
        };
}

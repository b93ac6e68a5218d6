using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;
using Rebound.Checkpoints;
using Rebound.Inference.Serving;
using Rebound.Server.Http;

namespace Rebound.Server.Serving;

/// <summary>
/// <c>POST /v1/load_lora_adapter</c> and <c>/v1/unload_lora_adapter</c>, as vLLM has them. Clients name no paths: an adapter is a folder in
/// the one that whoever runs the server has chosen.
/// </summary>
internal sealed class AdapterEndpoint(ServerState state)
{
    public const string LoadPath = "/v1/load_lora_adapter";
    public const string UnloadPath = "/v1/unload_lora_adapter";

    private const string NameMember = "lora_name";
    private const string PathMember = "lora_path";
    private const int LongestName = 200;

    public async Task LoadAsync(HttpContext context)
    {
        var request = await RequestBody.ReadAsync<AdapterRequest>(context);
        state.Unknown.Note(LoadPath, request.Others);
        var root = state.Options.AdaptersFolder
            ?? throw ApiException.Forbidden("Adapters are loaded from a folder that the server is started with: --adapters-folder.");
        var folder = Find(root, request.LoraPath ?? throw ApiException.Invalid(PathMember, $"There is no '{PathMember}'."));
        var name = request.LoraName ?? Path.GetFileName(folder);
        if (string.IsNullOrWhiteSpace(name) || name.Length > LongestName || name.Contains(':', StringComparison.Ordinal)
            || name.Any(char.IsControl))
        {
            throw ApiException.Invalid(
                NameMember, $"'{NameMember}' must have from 1 to {LongestName} characters, not blanks alone, and no colon.");
        }

        if (state.Models.Snapshot() is var all && all.Count >= state.Options.MaxModels && all.All(model => model.Name != name))
        {
            throw ApiException.Invalid(
                NameMember, $"This server holds {all.Count} models, and may hold {state.Options.MaxModels}: unload an adapter before.");
        }

        try
        {
            await state.Models.AddAsync(name, folder, request.LoadInplace == true);
        }
        catch (ArgumentException e)
        {
            throw ApiException.Invalid(NameMember, e.Message, e);
        }
        catch (CheckpointException e)
        {
            state.Options.Note?.Invoke($"The adapter {folder} could not be loaded: {e.Message}");
            throw ApiException.Invalid(
                PathMember, $"'{request.LoraPath}' is no adapter that this model takes; the server's log says why.", e);
        }

        await context.Response.WriteAsync($"Success: LoRA adapter '{name}' added successfully.", context.RequestAborted);
    }

    public async Task UnloadAsync(HttpContext context)
    {
        var request = await RequestBody.ReadAsync<AdapterRequest>(context);
        state.Unknown.Note(UnloadPath, request.Others);
        var name = request.LoraName ?? throw ApiException.Invalid(NameMember, $"There is no '{NameMember}'.");
        if (state.Options.AdaptersFolder is null)
        {
            throw ApiException.Forbidden("Adapters are unloaded where the server is started with --adapters-folder.");
        }

        try
        {
            state.Models.Remove(name);
        }
        catch (ArgumentException e) when (e is not UnknownModelException)
        {
            throw ApiException.Invalid(NameMember, e.Message, e);
        }

        await context.Response.WriteAsync($"Success: LoRA adapter '{name}' removed successfully.", context.RequestAborted);
    }

    /// <summary>A folder in another one, by its name among those that are there: nothing that a client says becomes a path.</summary>
    private static string Find(string root, string name) =>
        Directory.EnumerateDirectories(root).FirstOrDefault(folder => Path.GetFileName(folder).Equals(name, StringComparison.Ordinal))
            ?? throw ApiException.NotFound(
                "adapter_not_found", $"'{PathMember}' must be the name of a folder among the server's adapters.");
}

/// <summary>The body of both.</summary>
internal sealed record AdapterRequest
{
    /// <summary>The adapter's name in requests; that of its folder by default.</summary>
    public string? LoraName { get; init; }

    /// <summary>The name of its folder.</summary>
    public string? LoraPath { get; init; }

    /// <summary>Whether it takes the place of one that has the name.</summary>
    public bool? LoadInplace { get; init; }

    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; init; }
}

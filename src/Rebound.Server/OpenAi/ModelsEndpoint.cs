using Microsoft.AspNetCore.Http;
using System.Text.Json;
using Rebound.Inference.Serving;
using Rebound.Server.Http;
using Rebound.Server.Serving;

namespace Rebound.Server.OpenAi;

/// <summary><c>GET /v1/models</c>, and one of them by its name.</summary>
internal sealed class ModelsEndpoint(ServerState state)
{
    public const string Path = "/v1/models";

    public Task ListAsync(HttpContext context)
    {
        var models = state.Models;
        return Responses.WriteAsync(context, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("object", "list");
            writer.WriteStartArray("data");
            foreach (var model in models.Snapshot().OrderBy(model => model == models.Default ? 0 : 1))
            {
                Write(writer, model, model.Name);
                foreach (var name in ServedModels.NamesOf(model))
                {
                    Write(writer, model, name);
                }
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        });
    }

    public Task OneAsync(HttpContext context)
    {
        var name = RouteName.Of(context);
        var model = state.Models.Enter(name).Model;
        model.Leave();
        return Responses.WriteAsync(context, writer => Write(writer, model, name));
    }

    /// <param name="name">One of the model's names.</param>
    private static void Write(Utf8JsonWriter writer, ServedModel model, string name)
    {
        writer.WriteStartObject();
        writer.WriteString("id", name);
        writer.WriteString("object", "model");
        writer.WriteNumber("created", model.Loaded.ToUnixTimeSeconds());
        writer.WriteString("owned_by", "rebound");
        writer.WriteString("root", model.Name);
        writer.WriteString("parent", name != model.Name ? model.Name : model.Base?.Name);
        writer.WriteNumber("max_model_len", model.ContextLength);
        writer.WriteEndObject();
    }
}

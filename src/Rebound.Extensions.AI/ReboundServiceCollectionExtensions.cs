using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;

namespace Rebound.Extensions.AI;

/// <summary>Adds models that run in this process to a program's services.</summary>
public static class ReboundServiceCollectionExtensions
{
    /// <summary>Adds a model as the <see cref="IChatClient"/> of these services. It is read when it is first asked for.</summary>
    /// <param name="model">A Hugging Face folder, a .gguf file, or an adapter with the model that it was trained on.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <returns>Takes what is to stand between the program and the model, such as <c>UseFunctionInvocation()</c>.</returns>
    public static ChatClientBuilder AddReboundChatClient(
        this IServiceCollection services, string model, ReboundChatClientOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        return services.AddChatClient(_ => ReboundChatClient.Open(model, options));
    }

    /// <summary>Adds a model as an <see cref="IChatClient"/> that is asked for by a key.</summary>
    /// <inheritdoc cref="AddReboundChatClient"/>
    public static ChatClientBuilder AddKeyedReboundChatClient(
        this IServiceCollection services, object? serviceKey, string model, ReboundChatClientOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(model);
        return services.AddKeyedChatClient(serviceKey, _ => ReboundChatClient.Open(model, options));
    }
}

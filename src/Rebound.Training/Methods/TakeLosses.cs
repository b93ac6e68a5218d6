namespace Rebound.Training.Methods;

/// <summary>Takes the losses of a document as soon as they are known.</summary>
/// <param name="document">Its place among those that are read.</param>
/// <param name="losses">−log p of its supervised tokens, in nats; as long as the call lasts.</param>
internal delegate void TakeLosses(int document, ReadOnlySpan<float> losses);

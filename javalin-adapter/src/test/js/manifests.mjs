// What is wrong with the manifests of each folder that is named: one JSON object on standard output. Types and required
// fields are those of npm's kubernetes-models; names of fields those of the official client, since the published schemas
// let an unknown field pass.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as client from '@kubernetes/client-node';
import * as yaml from 'js-yaml';

/** Fields that no version of the type knows. */
function unknownFields(type, value, at, say) {
  const list = /^(?:Array|Set)<(.*)>$/.exec(type);
  const map = /^\{ \[key: string\]: (.*); \}$/.exec(type);
  if (list) {
    if (Array.isArray(value)) value.forEach((each, i) => unknownFields(list[1], each, `${at}/${i}`, say));
  } else if (map) {
    for (const [key, each] of Object.entries(value ?? {})) unknownFields(map[1], each, `${at}/${key}`, say);
  } else if (client[type]?.getAttributeTypeMap && value !== null && typeof value === 'object') {
    const known = new Map(client[type].getAttributeTypeMap().map((each) => [each.baseName, each.type]));
    for (const [key, each] of Object.entries(value)) {
      if (known.has(key)) unknownFields(known.get(key), each, `${at}/${key}`, say);
      else say(`${at}/${key} is not a field of ${type}`);
    }
  }
}

async function againstSchema(object, at, say) {
  const models = await import(`kubernetes-models/${object.apiVersion}`).catch(() => ({}));
  const type = `V1${object.kind}`;
  if (!models[object.kind] || !client[type]) return say(`${at} is of no known kind`);
  try {
    new models[object.kind](object).validate();
  } catch (refused) {
    say(`${at}: ${refused.message}`);
  }
  unknownFields(type, object, at, say);
}

/** What manifests say of each other. */
function references(objects, kustomization, files, say) {
  const of = (...kinds) => objects.filter((each) => kinds.includes(each.kind));
  const named = (kind, name) => of(kind).some((each) => each.metadata.name === name);
  const workloads = of('StatefulSet', 'DaemonSet');
  const matches = (selector, labels) => {
    const wanted = Object.entries(selector ?? {});
    return wanted.length > 0 && wanted.every(([key, value]) => labels?.[key] === value);
  };
  const selected = (selector) => workloads.filter((each) => matches(selector, each.spec.template.metadata?.labels));
  const hasPort = (pods, port) =>
    typeof port !== 'string' ||
    pods.some((each) => each.spec.template.spec.containers.some((one) => one.ports?.some((p) => p.name === port)));

  for (const object of objects) {
    const at = `${object.kind} ${object.metadata?.name}`;
    const home = kustomization.namespace;
    if (object.kind === 'Namespace' ? object.metadata.name !== home : object.metadata.namespace !== home) {
      say(`${at} is not in the namespace ${home}`);
    }
  }
  for (const work of workloads) {
    const at = `${work.kind} ${work.metadata.name}`;
    const { spec, metadata } = work.spec.template;
    if (!matches(work.spec.selector.matchLabels, metadata?.labels)) say(`${at} selects pods other than its own`);
    if (!named('ServiceAccount', spec.serviceAccountName)) say(`${at} has an unknown service account`);
    if (spec.automountServiceAccountToken !== false) say(`${at} mounts a token of the cluster`);
    const volumes = [...(spec.volumes ?? []), ...(work.spec.volumeClaimTemplates ?? []).map((each) => each.metadata)];
    for (const volume of spec.volumes ?? []) {
      if (volume.configMap && !named('ConfigMap', volume.configMap.name)) say(`${at} has an unknown ConfigMap`);
      if (volume.secret && volume.secret.optional !== true) say(`${at} cannot start without a Secret`);
    }
    for (const container of spec.containers) {
      for (const mount of container.volumeMounts ?? []) {
        if (!volumes.some((each) => each.name === mount.name)) say(`${at} mounts ${mount.name}, which is no volume`);
      }
      for (const volume of volumes) {
        if (!container.volumeMounts?.some((each) => each.name === volume.name)) say(`${at} mounts not ${volume.name}`);
      }
      for (const probe of ['startupProbe', 'livenessProbe', 'readinessProbe']) {
        if (!hasPort([work], container[probe]?.httpGet?.port)) say(`${at} has a ${probe} at an unknown port`);
      }
      if (!kustomization.images.some((each) => each.name === container.image)) say(`${at} has an image without a tag`);
    }
    if (work.kind === 'StatefulSet') {
      const headless = of('Service').find((each) => each.metadata.name === work.spec.serviceName);
      if (headless?.spec.clusterIP !== 'None') say(`${at} has no headless Service ${work.spec.serviceName}`);
      const name = spec.containers[0].env.find((each) => each.name === 'FABRIC_ADVERTISE')?.value;
      const domain = `$(FABRIC_NAME).${work.spec.serviceName}.${work.metadata.namespace}.svc`;
      if (name !== domain) say(`${at} advertises ${name} and is known as ${domain}`);
    }
  }
  for (const service of of('Service')) {
    const pods = selected(service.spec.selector);
    if (pods.length === 0) say(`Service ${service.metadata.name} selects no pod`);
    for (const port of service.spec.ports) {
      if (!hasPort(pods, port.targetPort)) say(`Service ${service.metadata.name} has the unknown port ${port.targetPort}`);
    }
  }
  for (const budget of of('PodDisruptionBudget')) {
    if (selected(budget.spec.selector.matchLabels).length === 0) say(`PodDisruptionBudget ${budget.metadata.name} selects no pod`);
  }
  for (const policy of of('NetworkPolicy')) {
    const at = `NetworkPolicy ${policy.metadata.name}`;
    const own = selected(policy.spec.podSelector.matchLabels);
    const others = (peers) => (peers ?? []).map((each) => selected(each.podSelector?.matchLabels));
    if (own.length === 0) say(`${at} selects no pod`);
    for (const rule of policy.spec.ingress ?? []) {
      if (others(rule.from).some((each) => each.length === 0)) say(`${at} lets in a pod that is none`);
      for (const each of rule.ports ?? []) if (!hasPort(own, each.port)) say(`${at} has the unknown port ${each.port}`);
    }
    for (const rule of policy.spec.egress ?? []) {
      if (others(rule.to).some((each) => each.length === 0)) say(`${at} lets out to a pod that is none`);
      for (const each of rule.ports ?? []) {
        if (!hasPort(others(rule.to).flat(), each.port)) say(`${at} has the unknown port ${each.port}`);
      }
    }
  }
  if (files.sort().join() !== [...kustomization.resources].sort().join()) say('kustomization.yaml names other files than there are');
}

const answer = {};
for (const folder of process.argv.slice(2)) {
  const wrong = [];
  const say = (what) => void wrong.push(what);
  const files = readdirSync(folder).filter((each) => each.endsWith('.yaml') && each !== 'kustomization.yaml');
  const objects = [];
  for (const file of files) {
    for (const object of yaml.loadAll(readFileSync(join(folder, file), 'utf8'))) {
      await againstSchema(object, `${object.kind} ${object.metadata?.name}`, say);
      objects.push(object);
    }
  }
  const kustomization = yaml.load(readFileSync(join(folder, 'kustomization.yaml'), 'utf8'));
  try {
    references(objects, kustomization, files, say);
  } catch (broken) {
    if (wrong.length === 0) throw broken;
  }
  answer[folder] = wrong;
}
console.log(JSON.stringify(answer));

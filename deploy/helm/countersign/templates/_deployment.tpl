{{/* One role's Deployment. Takes (dict "root" $ "role" "bot"). */}}
{{- define "countersign.deployment" -}}
{{- $ := .root }}
{{- $role := .role }}
{{- $own := index $.Values $role }}
{{- $secret := include "countersign.existingSecret" $ }}
{{- $secrets := dict "root" $ "secret" $secret "variables" $.Values.secrets.variables }}
{{- $http := and (eq $role "bot") $.Values.http.enabled }}
{{- $env := merge (dict) $own.env $.Values.env }}
{{- if not (or $env.TEMPORAL_ADDRESS $env.TEMPORAL_CONFIG_FILE) }}
{{- fail "env.TEMPORAL_ADDRESS is empty: name Temporal's server, such as temporal-frontend.temporal:7233 (docs/deploy.md)." }}
{{- end }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "countersign.fullname" $ }}-{{ $role }}
  labels:
    {{- include "countersign.labels" $ | nindent 4 }}
    app.kubernetes.io/component: {{ $role }}
spec:
  {{- if not (kindIs "invalid" $own.replicas) }}
  replicas: {{ $own.replicas }}
  {{- end }}
  # A new pod is ready before an old one ends, so that clicks always find somebody.
  strategy:
    type: RollingUpdate
    rollingUpdate: { maxSurge: 1, maxUnavailable: 0 }
  selector:
    matchLabels:
      {{- include "countersign.selectorLabels" $ | nindent 6 }}
      app.kubernetes.io/component: {{ $role }}
  template:
    metadata:
      labels:
        {{- include "countersign.labels" $ | nindent 8 }}
        app.kubernetes.io/component: {{ $role }}
        {{- with $own.podLabels }}{{ toYaml . | nindent 8 }}{{ end }}
      annotations:
        # A changed policy or tool list starts new pods.
        checksum/config: {{ include (print $.Template.BasePath "/configmap.yaml") $ | sha256sum }}
        kubectl.kubernetes.io/default-container: {{ $role }}
        {{- with $own.podAnnotations }}{{ toYaml . | nindent 8 }}{{ end }}
    spec:
      serviceAccountName: {{ include "countersign.serviceAccountName" $ }}
      automountServiceAccountToken: false
      enableServiceLinks: false
      terminationGracePeriodSeconds: {{ add $own.shutdownGraceSeconds 15 }}
      securityContext: {{- toYaml $.Values.podSecurityContext | nindent 8 }}
      {{- with $.Values.imagePullSecrets }}
      imagePullSecrets: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $own.priorityClassName }}
      priorityClassName: {{ . }}
      {{- end }}
      {{- with $own.nodeSelector }}
      nodeSelector: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $own.tolerations }}
      tolerations: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- with $own.affinity }}
      affinity: {{- toYaml . | nindent 8 }}
      {{- end }}
      topologySpreadConstraints:
        {{- if $own.topologySpreadConstraints }}
        {{- toYaml $own.topologySpreadConstraints | nindent 8 }}
        {{- else }}
        - maxSkew: 1
          topologyKey: kubernetes.io/hostname
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              {{- include "countersign.selectorLabels" $ | nindent 14 }}
              app.kubernetes.io/component: {{ $role }}
        {{- end }}
      containers:
        - name: {{ $role }}
          image: {{ include "countersign.image" $ | quote }}
          imagePullPolicy: {{ $.Values.image.pullPolicy }}
          args: [start, --role, {{ $role }}]
          securityContext: {{- toYaml $.Values.securityContext | nindent 12 }}
          env:
            - name: HEALTH_PORT
              value: {{ $.Values.probes.port | quote }}
            - name: SHUTDOWN_GRACE_SECONDS
              value: {{ $own.shutdownGraceSeconds | quote }}
            {{- if $.Values.metrics.enabled }}
            - name: OTEL_EXPORTER_PROMETHEUS_PORT
              value: {{ $.Values.metrics.port | quote }}
            {{- end }}
            {{- if $http }}
            - name: PORT
              value: {{ $.Values.http.port | quote }}
            {{- end }}
            {{- if $.Values.policy }}
            - name: POLICY_FILE
              value: /etc/countersign/config/policy.yml
            {{- end }}
            {{- if $.Values.mcp }}
            - name: MCP_CONFIG
              value: /etc/countersign/config/.mcp.json
            {{- end }}
            {{- include "countersign.env" $env | nindent 12 }}
            {{- include "countersign.secretEnv" $secrets | nindent 12 }}
            {{- with $.Values.extraEnv }}{{ toYaml . | nindent 12 }}{{ end }}
          {{- with $.Values.extraEnvFrom }}
          envFrom: {{- toYaml . | nindent 12 }}
          {{- end }}
          ports:
            - { name: health, containerPort: {{ $.Values.probes.port }} }
            {{- if $.Values.metrics.enabled }}
            - { name: metrics, containerPort: {{ $.Values.metrics.port }} }
            {{- end }}
            {{- if $http }}
            - { name: http, containerPort: {{ $.Values.http.port }} }
            {{- end }}
          # A start may wait for slow MCP servers, and isn't cut short.
          startupProbe:
            httpGet: { path: /livez, port: health }
            periodSeconds: 5
            failureThreshold: 36
          livenessProbe:
            httpGet: { path: /livez, port: health }
            periodSeconds: 10
            timeoutSeconds: 5
            failureThreshold: 6
          readinessProbe:
            httpGet: { path: /readyz, port: health }
            periodSeconds: 5
            timeoutSeconds: 3
            failureThreshold: 2
          resources: {{- toYaml $own.resources | nindent 12 }}
          volumeMounts:
            - { name: tmp, mountPath: /tmp }
            - { name: home, mountPath: /home/node }
            {{- if or $.Values.policy $.Values.mcp }}
            - { name: config, mountPath: /etc/countersign/config, readOnly: true }
            {{- end }}
            {{- if $.Values.secrets.asFiles }}
            - { name: secrets, mountPath: /etc/countersign/secrets, readOnly: true }
            {{- end }}
            {{- with $own.extraVolumeMounts }}{{ toYaml . | nindent 12 }}{{ end }}
      volumes:
        - name: tmp
          emptyDir: {{- toYaml $.Values.writable.tmp | nindent 12 }}
        - name: home
          emptyDir: {{- toYaml $.Values.writable.home | nindent 12 }}
        {{- if or $.Values.policy $.Values.mcp }}
        - name: config
          configMap: { name: {{ include "countersign.fullname" $ }} }
        {{- end }}
        {{- include "countersign.secretVolume" $secrets | nindent 8 }}
        {{- with $own.extraVolumes }}{{ toYaml . | nindent 8 }}{{ end }}
{{- end }}
